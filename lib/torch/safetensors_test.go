package torch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// file builds a safetensors file from a header and so many bytes of data.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func decode(b []byte) (*StateDict, error) { return readSafetensors(bytes.NewReader(b), int64(len(b))) }

// testdata/dtypes.safetensors holds these, as testdata/make.py says.
func TestReadDTypes(t *testing.T) {
	sd, err := Read("testdata/dtypes.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if sd.Metadata["format"] != "pt" || sd.Len() != 19 {
		t.Errorf("metadata %v, %d tensors", sd.Metadata, sd.Len())
	}
	for d, info := range dtypeTable {
		got, ok := sd.Get(info.torch)
		if ok != (info.torch != "" && d != F4 && d != F8E8M0 && d != F8E4M3FNUZ && d != F8E5M2FNUZ) {
			t.Errorf("%s: there: %v", info.torch, ok)
		} else if ok && got.DType != d {
			t.Errorf("%s is %s, want %s", info.torch, got.DType, d)
		}
	}
	for name, want := range map[string][]float32{
		"float32":  {0, 1, -2.5, 3.140625, 65504, 1e-7},
		"float64":  {0, 1, -2.5, 3.140625, 65504, 1e-7},
		"float16":  {0, 1, -2.5, 3.140625, 65504, 0x1p-23}, // 1e-7 among the subnormal numbers
		"bfloat16": {0, 1, -2.5, 3.140625, 65536, 0x1.aep-24},
	} {
		x, _ := sd.Get(name)
		got, err := x.Float32s()
		if err != nil || !slices.Equal(got, want) || !slices.Equal(x.Shape, []int{2, 3}) {
			t.Errorf("%s: %v %v %v, want %v", name, x.Shape, got, err, want)
		}
	}
	if x, _ := sd.Get("scalar"); len(x.Shape) != 0 || x.Data[0] != 7 {
		t.Errorf("scalar: %v %v", x.Shape, x.Data)
	}
	if x, ok := sd.Get("strange \"name\"\\ <é>\n"); !ok || x.DType != F32 {
		t.Error("the strange name is lost")
	}
}

// What the reference wrote is written again byte for byte.
func TestWriteAsReference(t *testing.T) {
	for _, name := range []string{"dtypes.safetensors", "net.safetensors", "views.safetensors"} {
		from := filepath.Join("testdata", name)
		sd, err := Read(from)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := &StateDict{Metadata: sd.Metadata}
		for _, n := range slices.Backward(sd.Names()) {
			x, _ := sd.Get(n)
			shuffled.Set(n, x)
		}
		to := filepath.Join(t.TempDir(), name)
		if err := Write(to, shuffled); err != nil {
			t.Fatal(err)
		}
		want, _ := os.ReadFile(from)
		got, err := os.ReadFile(to)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s was written otherwise (%v)\n%.300q\n%.300q", name, err, got, want)
		}
	}
}

func TestWriteWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.safetensors")
	good := &StateDict{}
	good.Set("a", Tensor{U8, []int{2}, []byte{1, 2}})
	if err := Write(path, good); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]Tensor{
		"short":        {F32, []int{2}, make([]byte, 7)},
		"dtype":        {"F33", nil, nil},
		"__metadata__": {U8, nil, []byte{1}},
	} {
		sd := &StateDict{}
		sd.Set("a", Tensor{U8, []int{1}, []byte{9}})
		sd.Set(name, bad)
		err := Write(path, sd)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if sd, err := Read(path); err != nil || sd.Len() != 1 {
		t.Errorf("the earlier file is gone: %v %v", sd, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
	if err := Write(filepath.Join(dir, "no", "w.safetensors"), good); err == nil {
		t.Error("wrote into a folder that isn't there")
	}
}

func one(fields string) string { return `{"w":{` + fields + `}}` }

// bad files, each with what the error must speak of.
var badFiles = []struct {
	name string
	file []byte
	want string
}{
	{"empty", nil, "0 bytes"},
	{"seven bytes", []byte("1234567"), "7 bytes"},
	{"length only", make([]byte, 8), "doesn't begin with {"},
	{"header beyond file", binary.LittleEndian.AppendUint64(nil, 1), "header should take 1 bytes, 0 follow"},
	{"huge header", binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "18446744073709551615"},
	{"negative header", append(binary.LittleEndian.AppendUint64(nil, 1<<63), "{}"...), "9223372036854775808"},
	{"not JSON", file("hello", 0), "begin with {"},
	{"list", file("[]", 0), "begin with {"},
	{"space before", file(" {}", 0), "begin with {"},
	{"cut JSON", file(`{"w":{"dtype":"U8"`, 0), "not JSON"},
	{"no comma", file(`{"w" "x"}`, 0), "not JSON"},
	{"not UTF-8", file("{\"\xff\":1}", 0), "UTF-8"},
	{"two objects", file(`{}{}`, 0), "2 bytes follow"},
	{"newline after", file("{}\n", 0), "1 bytes follow"},
	{"deep", file(`{"w":`+strings.Repeat("[", 100000), 0), `"w"`},
	{"entry is null", file(`{"w":null}`, 0), `"w"`},
	{"unknown dtype", file(one(`"dtype":"F31","shape":[],"data_offsets":[0,4]`), 4), `"w": dtype "F31" isn't one`},
	{"dtype in small letters", file(one(`"dtype":"f32","shape":[],"data_offsets":[0,4]`), 4), `dtype "f32"`},
	{"no dtype", file(one(`"shape":[],"data_offsets":[0,4]`), 4), `"w": no dtype`},
	{"no shape", file(one(`"dtype":"F32","data_offsets":[0,4]`), 4), `"w": no shape`},
	{"no offsets", file(one(`"dtype":"F32","shape":[]`), 4), `"w": no data_offsets`},
	{"key in capitals", file(one(`"DType":"F32","shape":[],"data_offsets":[0,4]`), 4), `unknown key "DType"`},
	{"key twice", file(one(`"dtype":"F32","dtype":"U8","shape":[],"data_offsets":[0,4]`), 4), "dtype\" comes twice"},
	{"name twice", file(`{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1), `"w" comes twice`},
	{"name twice, escaped", file(`{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"\u0077":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1), `"w" comes twice`},
	{"one offset", file(one(`"dtype":"U8","shape":[],"data_offsets":[0]`), 1), "1 numbers, must have 2"},
	{"three offsets", file(one(`"dtype":"U8","shape":[],"data_offsets":[0,1,1]`), 1), "more than 2"},
	{"negative offset", file(one(`"dtype":"U8","shape":[],"data_offsets":[-1,0]`), 1), `"-1" where a whole number`},
	{"negative axis", file(one(`"dtype":"U8","shape":[-1],"data_offsets":[0,1]`), 1), `"-1" where a whole number`},
	{"broken axis", file(one(`"dtype":"U8","shape":[1.5],"data_offsets":[0,1]`), 1), `"1.5" where a whole number`},
	{"axis as text", file(one(`"dtype":"U8","shape":["1"],"data_offsets":[0,1]`), 1), "where a whole number"},
	{"backwards", file(one(`"dtype":"U8","shape":[1],"data_offsets":[1,0]`), 1), `"w": data_offsets [1,0] run backwards`},
	{"beyond the file", file(one(`"dtype":"F32","shape":[],"data_offsets":[0,4]`), 3), "end beyond the 3 bytes"},
	{"huge offsets", file(one(`"dtype":"U8","shape":[1],"data_offsets":[18446744073709551614,18446744073709551615]`), 1), "end beyond"},
	{"offset over 64 bits", file(one(`"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551616]`), 1), "whole number"},
	{"huge shape", file(one(`"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]`), 0), "too large"},
	{"shape that wraps to 0", file(one(`"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]`), 0), "too large"},
	{"axis over an int", file(one(`"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,0]`), 0), "axis of length"},
	{"many axes", file(one(`"dtype":"U8","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,1]`), 1), "more than 64"},
	{"shape and offsets differ", file(one(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), 4), "F32 of shape [2] takes 8"},
	{"half a byte", file(one(`"dtype":"F4","shape":[3],"data_offsets":[0,1]`), 1), "within a byte"},
	{"hole before", file(one(`"dtype":"U8","shape":[1],"data_offsets":[1,2]`), 2), "hole after 0"},
	{"hole after", file(one(`"dtype":"U8","shape":[1],"data_offsets":[0,1]`), 2), "take 1 bytes of data, there are 2"},
	{"data without tensors", file(`{}`, 1), "take 0 bytes"},
	{"overlap", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), `"b": data_offsets [1,3] overlap`},
	{"the same place", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), "overlap"},
	{"metadata of numbers", file(`{"__metadata__":{"a":1}}`, 0), "__metadata__"},
	{"metadata as text", file(`{"__metadata__":"pt"}`, 0), "__metadata__"},
	{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), "comes twice"},
}

func TestRefuses(t *testing.T) {
	for _, c := range badFiles {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "w.safetensors")
			if err := os.WriteFile(path, c.file, 0o600); err != nil {
				t.Fatal(err)
			}
			sd, err := Read(path)
			if err == nil {
				t.Fatalf("accepted: %v", sd.Names())
			}
			// The path holds the test's name.
			text, ok := strings.CutPrefix(err.Error(), "reading "+path+": ")
			if !ok || !strings.Contains(text, c.want) {
				t.Errorf("error %q, want the path and %q", err, c.want)
			}
		})
	}
}

func TestAccepts(t *testing.T) {
	for _, c := range []struct {
		name, header string
		data         int
		want         []string
	}{
		{"nothing", `{}`, 0, nil},
		{"spaces", `{}   `, 0, nil},
		{"metadata alone", `{"__metadata__":{"a":"b"}}`, 0, nil},
		{"empty tensors anywhere", `{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"z":{"dtype":"F32","shape":[0,5],"data_offsets":[1,1]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 1, []string{"a", "b", "z"}},
		{"file order", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"b":{"data_offsets":[0,1],"shape":[1],"dtype":"U8"}}`, 2, []string{"b", "a"}},
	} {
		sd, err := decode(file(c.header, c.data))
		if err != nil || !slices.Equal(sd.Names(), c.want) {
			t.Errorf("%s: %v, want %v (%v)", c.name, sd, c.want, err)
		}
	}
}

// A header may claim what it likes: what the reading takes stays near the file's size.
func TestMemory(t *testing.T) {
	var header strings.Builder
	header.WriteString(`{`)
	for i := range 20000 {
		fmt.Fprintf(&header, `"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`, i)
	}
	text := header.String()
	many := file(text[:len(text)-1]+"}", 0)
	for name, b := range map[string][]byte{
		"many tensors": many,
		"huge header":  append(binary.LittleEndian.AppendUint64(nil, maxHeader), "{}"...),
		"huge tensor":  file(one(`"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]`), 4),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = decode(b)
		runtime.ReadMemStats(&after)
		if used, allowed := after.TotalAlloc-before.TotalAlloc, uint64(40*len(b)+1<<16); used > allowed {
			t.Errorf("%s: %d bytes for a file of %d", name, used, len(b))
		}
	}
}

func TestReadShards(t *testing.T) {
	for _, path := range []string{"testdata/shards", "testdata/shards/model.safetensors", "testdata/shards/model.safetensors.index.json"} {
		sd, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := sd.Get("b.weight")
		got, err := b.Float32s()
		if sd.Len() != 3 || err != nil || !slices.Equal(got, []float32{10, 11}) {
			t.Errorf("%s: %v %v %v", path, sd.Names(), got, err)
		}
	}
	u8 := func(names ...string) []byte {
		sd := &StateDict{}
		for _, n := range names {
			sd.Set(n, Tensor{U8, nil, []byte{1}})
		}
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := Write(path, sd); err != nil {
			t.Fatal(err)
		}
		b, _ := os.ReadFile(path)
		return b
	}
	for _, c := range []struct{ name, index, want string }{
		{"not JSON", `{`, "not an index"},
		{"no map", `{}`, "no weight_map"},
		{"elsewhere", `{"weight_map":{"a":"../one.safetensors"}}`, "beside the index"},
		{"another kind", `{"weight_map":{"a":"one.pt"}}`, "beside the index"},
		{"missing shard", `{"weight_map":{"a":"three.safetensors"}}`, "three.safetensors"},
		{"missing tensor", `{"weight_map":{"a":"one.safetensors","c":"one.safetensors"}}`, `lacks tensor "c"`},
		{"tensor unknown", `{"weight_map":{"b":"two.safetensors"}}`, `holds tensor "d"`},
	} {
		dir := t.TempDir()
		for name, b := range map[string][]byte{"one.safetensors": u8("a"), "two.safetensors": u8("b", "d"), "model.safetensors.index.json": []byte(c.index)} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestReadWhatIsNoFile(t *testing.T) {
	for path, want := range map[string]string{"testdata/none.safetensors": "no such file", "testdata": "no such file", os.DevNull: "not a file"} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}

// A header of more than the allowed length is refused before it is read, even where the file has it.
func TestLongHeader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(path, binary.LittleEndian.AppendUint64(nil, maxHeader+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, maxHeader+9); err != nil { // of zeros, which take no room on the disk
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "at most 100000000") {
		t.Errorf("error %v", err)
	}
}

func TestGoMLX(t *testing.T) {
	sd, err := Read("testdata/dtypes.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sd.Names() {
		x, _ := sd.Get(name)
		g, err := x.ToGoMLX()
		if strings.HasPrefix(name, "float8") {
			if err == nil || !strings.Contains(err.Error(), "F8") {
				t.Errorf("%s: error %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := FromGoMLX(g)
		if err != nil || back.DType != x.DType || !slices.Equal(back.Shape, x.Shape) || !bytes.Equal(back.Data, x.Data) {
			t.Errorf("%s: %v came back as %v (%v)", name, x, back, err)
		}
	}
	x, _ := sd.Get("int64")
	if g, err := x.ToGoMLX(); err != nil || !reflect.DeepEqual(g.Value(), []int64{0, 1, 127, 100}) {
		t.Errorf("int64: %v %v", g, err)
	}
	if _, err := (Tensor{BOOL, []int{1}, []byte{2}}).ToGoMLX(); err == nil {
		t.Error("a BOOL of 2 was taken")
	}
	if _, err := x.Float32s(); err == nil {
		t.Error("int64 was taken for floats")
	}
}

func FuzzSafetensors(f *testing.F) {
	for _, c := range badFiles {
		f.Add(c.file)
	}
	for _, name := range []string{"dtypes.safetensors", "net.safetensors", "views.safetensors"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sd, err := decode(b)
		if err != nil {
			return
		}
		// What is accepted holds together: the data is the file's, and survives writing and reading.
		size := 0
		for _, name := range sd.Names() {
			x, _ := sd.Get(name)
			size += len(x.Data)
			if g, err := x.ToGoMLX(); err == nil && len(g.Shape().Dimensions) != len(x.Shape) {
				t.Errorf("%q: %v became %s", name, x.Shape, g.Shape())
			}
			_, _ = x.Float32s()
		}
		if size > len(b) {
			t.Errorf("%d bytes of data from a file of %d", size, len(b))
		}
		header := formatHeader(sd, sd.Names())
		again := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
		for _, name := range sd.Names() {
			again = append(again, sd.tensors[name].Data...)
		}
		back, err := decode(again)
		if err != nil {
			t.Fatalf("written again, refused: %v\n%q", err, header)
		}
		if len(back.Names()) != len(sd.Names()) || !reflect.DeepEqual(back.tensors, sd.tensors) {
			t.Errorf("%v came back as %v", sd, back)
		}
	})
}

// TestWriteShards holds that shards are read back, that PyTorch's users' limit is kept, and that nothing old stays beside the new.
func TestWriteShards(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w[1].safetensors")
	sd := &StateDict{Metadata: map[string]string{"format": "pt"}}
	for i := range 5 {
		sd.Set(fmt.Sprintf("layers.%d.weight", i), Tensor{F32, []int{i, 2}, bytes.Repeat([]byte{byte(i)}, 8*i)})
	}
	files := func() (list []string) {
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	for _, c := range []struct {
		most int64
		want []string
	}{
		{1000, []string{"w[1].safetensors"}},
		{32, []string{"w[1]-00001-of-00003.safetensors", "w[1]-00002-of-00003.safetensors", "w[1]-00003-of-00003.safetensors", "w[1].safetensors.index.json"}},
		{1, []string{"w[1]-00001-of-00004.safetensors", "w[1]-00002-of-00004.safetensors", "w[1]-00003-of-00004.safetensors", "w[1]-00004-of-00004.safetensors", "w[1].safetensors.index.json"}},
		{80, []string{"w[1].safetensors"}},
	} {
		if err := WriteShards(path, sd, c.most); err != nil {
			t.Fatal(err)
		}
		if got := files(); !slices.Equal(got, c.want) {
			t.Errorf("at most %d bytes: files %v, want %v", c.most, got, c.want)
		}
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.Len() != sd.Len() {
			t.Errorf("at most %d bytes: %d tensors came back of %d", c.most, got.Len(), sd.Len())
		}
		for _, name := range sd.Names() {
			a, _ := got.Get(name)
			b, _ := sd.Get(name)
			if !bytes.Equal(a.Data, b.Data) {
				t.Errorf("at most %d bytes: %s differs", c.most, name)
			}
		}
	}
}

// A sparse file may claim more memory than there is, and mustn't end the program.
func TestPointer(t *testing.T) {
	if _, err := decode([]byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")); err == nil || !strings.Contains(err.Error(), "git lfs pull") {
		t.Errorf("error %v", err)
	}
}

func TestSparse(t *testing.T) {
	if raw, err := os.ReadFile("/proc/sys/vm/overcommit_memory"); err != nil || strings.TrimSpace(string(raw)) == "1" {
		t.Skip("this machine promises any memory: sysctl vm.overcommit_memory=0")
	}
	const data = 1 << 43 // 8 TB
	header := fmt.Sprintf(`{"w":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}`, data/4, data)
	for name, start := range map[string][]byte{"w.safetensors": file(header, 0), "w.pt": []byte("PK\x03\x04")} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, start, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, int64(8+len(header)+data)); err != nil {
			t.Skip(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "MB of memory") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
