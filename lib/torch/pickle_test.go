package torch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// torch.save and safetensors were given the same tensors (testdata/make.py).
func TestReadTorch(t *testing.T) {
	for _, name := range []string{"net", "views"} {
		got, err := Read("testdata/" + name + ".pt")
		if err != nil {
			t.Fatal(err)
		}
		want, err := Read("testdata/" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		if got.Len() != want.Len() {
			t.Errorf("%s: %v, want %v", name, got.Names(), want.Names())
		}
		for _, n := range want.Names() {
			w, _ := want.Get(n)
			g, ok := got.Get(n)
			if !ok || g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) || !bytes.Equal(g.Data, w.Data) {
				t.Errorf("%s: %s is %v, want %v", name, n, g, w)
			}
		}
	}
	sd, err := Read("testdata/net.pt")
	if want := "conv.weight conv.bias norm.weight norm.bias norm.running_mean norm.running_var norm.num_batches_tracked out.weight out.bias tied.weight tied.bias"; err != nil || strings.Join(sd.Names(), " ") != want {
		t.Errorf("in another order: %v", sd.Names())
	}
	a, _ := sd.Get("out.weight")
	b, _ := sd.Get("tied.weight")
	if &a.Data[0] != &b.Data[0] {
		t.Error("tied weights were copied")
	}
	sd, err = Read("testdata/protocol4.pt")
	if err != nil || sd.Len() != 1 {
		t.Errorf("protocol 4: %v %v", sd, err)
	}
}

func TestRefusesTorch(t *testing.T) {
	for name, want := range map[string]string{
		"module.pt": `an object of "torch.nn.modules.linear.Linear", must hold a dict`,
		"evil.pt":   `"x" is an object of "posix.system", must be a tensor`,
		"sparse.pt": `"w" is an object of "torch._utils._rebuild_sparse_tensor", must be a tensor`,
		"list.pt":   "a list of 1, must hold a dict",
	} {
		path := "testdata/" + name
		if sd, err := Read(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, error %v, want %q", name, sd, err, want)
		}
	}
}

// Each cut of a file, and each with a byte changed, is an error or reads without harm.
func TestDamagedTorch(t *testing.T) {
	whole, err := os.ReadFile("testdata/protocol4.pt")
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if _, err := decodeTorch(whole[:n]); err == nil {
			t.Errorf("cut to %d of %d bytes, accepted", n, len(whole))
		}
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 0x55
		_, _ = decodeTorch(b)
	}
	at := bytes.Index(whole, []byte{0, 0, 0x80, 0x3f}) // the tensor's 1.0
	b := bytes.Clone(whole)
	b[at] = 1
	if _, err := decodeTorch(b); err == nil || !strings.Contains(err.Error(), `"data/0" in the zip is damaged`) {
		t.Errorf("a changed value: error %v", err)
	}
}

func decodeTorch(b []byte) (*StateDict, error) {
	return readTorch(bytes.NewReader(b), int64(len(b)), "")
}

// Records as a file might hold them, 16 bytes each.
func testRecord(key string) ([]byte, error) {
	if key != "0" && key != "1" {
		return nil, errors.New("no such record")
	}
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(i)
	}
	return b, nil
}

// Pieces of pickles.
const (
	proto    = "\x80\x02"
	floats   = "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"
	rebuild  = "ctorch._utils\n_rebuild_tensor_v2\n"
	noHooks  = "\x89ccollections\nOrderedDict\n)R"
	key      = "X\x01\x00\x00\x00w"
	matrix   = rebuild + "(" + floats + "K\x00K\x02K\x02\x86K\x02K\x01\x86" + noHooks + "tR"
	bytesOf1 = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
)

func tensorOf(offset, size, stride string) string {
	return proto + "}" + key + rebuild + "(" + floats + offset + size + stride + noHooks + "tRs."
}

var badPickles = []struct{ name, pickle, want string }{
	{"empty", "", "ends early"},
	{"no STOP", proto + "}", "ends early"},
	{"STOP alone", ".", "too little on the stack"},
	{"protocol 0", "(dp0\n.", "DICT isn't allowed"},
	{"protocol 9", "\x80\x09.", "protocol 9"},
	{"NEWOBJ", proto + "ctorch.nn\nLinear\n)\x81.", `an object of "torch.nn.Linear"`},
	{"NEWOBJ of a text", proto + key + ")\x81.", "no class"},
	{"INST", proto + "(ios\nsystem\n.", "INST isn't allowed"},
	{"OBJ", proto + "(o.", "OBJ isn't allowed"},
	{"EXT1", proto + "\x82\x01.", "EXT1 isn't allowed"},
	{"unknown", proto + "\xff.", "0xff isn't allowed"},
	{"PERSID", proto + "P0\n.", "PERSID isn't allowed"},
	{"eval", proto + "c__builtin__\neval\n(X\x01\x00\x00\x001tR.", `an object of "__builtin__.eval"`},
	{"system in a stack", "\x80\x04\x8c\x02os\x8c\x06system\x93.", `holds "os.system"`},
	{"getattr by dots", "\x80\x04\x8c\x05torch\x8c\x13load.__globals__.os\x93.", `holds "torch.load.__globals__.os"`},
	{"call of a storage type", proto + "ctorch\nFloatStorage\n)R.", "an object of"},
	{"call of a text", proto + key + ")R.", "a call of the text"},
	{"BUILD on a tensor", proto + matrix + "}b.", "BUILD on a tensor"},
	{"item in a tuple", proto + ")" + key + "Ns.", "set in a tuple"},
	{"append to a dict", proto + "}Na.", "appended to a dict"},
	{"odd items", proto + "}(" + key + "u.", "key without a value"},
	{"no mark", proto + "}u.", "no mark"},
	{"below the mark", proto + "}}}(s.", "too little"},
	{"fetched, never kept", proto + "h\x00.", "value 0 is fetched"},
	{"calls in place of a tensor", proto + "}" + key + "cos\nsystem\n)Rs.", `"w" is an object of "os.system"`},
	{"long text", proto + "X\xff\xff\xff\xffw.", "ends early"},
	{"text of no encoding", proto + "X\x01\x00\x00\x00\xff.", "UTF-8"},
	{"long number", proto + "\x8a\xff" + strings.Repeat("\x01", 255) + ".", "255 bytes"},
	{"bytes that never come", proto + "\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "ends early"},
	{"key is a number", proto + "}K\x01" + matrix + "s.", "is the number 1"},
	{"persistent text", proto + key + "Q.", "only storages may"},
	{"persistent module", proto + "(X\x06\x00\x00\x00moduleNNNNtQ.", "only storages may"},
	{"missing record", proto + strings.Replace(floats, "\x01\x00\x00\x000", "\x01\x00\x00\x007", 1) + ".", "no such record"},
	{"storage of another length", proto + strings.Replace(floats, "K\x04tQ", "K\x05tQ", 1) + ".", `storage "0" should hold 5 values of 4 bytes, its record has 16`},
	{"storage of huge length", proto + strings.Replace(floats, "K\x04tQ", bytesOf1+"tQ", 1) + ".", "9223372036854775807 values"},
	{"storage of negative length", proto + strings.Replace(floats, "K\x04tQ", "J\xff\xff\xff\xfftQ", 1) + ".", "-1 values"},
	{"quantized", proto + strings.Replace(floats, "FloatStorage", "QInt8Storage", 1) + ".", "QInt8Storage"},
	{"offset beyond", tensorOf("K\x01", "K\x04\x85", "K\x01\x85"), "reach beyond the storage's 4 values"},
	{"offset alone beyond", tensorOf("K\x04", ")", ")"), "reach beyond"},
	{"offset huge", tensorOf(bytesOf1, "K\x01\x85", "K\x01\x85"), "reach beyond"},
	{"offset negative", tensorOf("J\xff\xff\xff\xff", "K\x01\x85", "K\x01\x85"), "offset -1"},
	{"offset negative, of one byte", tensorOf("\x8a\x01\xff", "K\x01\x85", "K\x01\x85"), "offset -1"},
	{"size negative", tensorOf("K\x00", "J\xff\xff\xff\xff\x85", "K\x01\x85"), "the number -1 where"},
	{"stride negative", tensorOf("K\x03", "K\x04\x85", "J\xff\xff\xff\xff\x85"), "the number -1 where"},
	{"size huge", tensorOf("K\x00", bytesOf1+"\x85", "K\x00\x85"), "too large"},
	{"sizes that wrap", tensorOf("K\x00", bytesOf1+bytesOf1+"\x86", "K\x00K\x00\x86"), "too large"},
	{"stride huge", tensorOf("K\x00", "K\x03\x85", bytesOf1+"\x85"), "reach beyond"},
	{"strides that wrap", tensorOf("K\x00", "K\x03K\x03\x86", bytesOf1+bytesOf1+"\x86"), "reach beyond"},
	{"strides too few", tensorOf("K\x00", "K\x02\x85", ")"), "differ in length"},
	{"expanded beyond the file", tensorOf("K\x00", "J\x00\x00\x00\x20\x85", "K\x00\x85"), "more than 16 times the file"},
	{"size as text", tensorOf("K\x00", key, ")"), `the text "w" where a tuple`},
	{"conjugated", proto + "}" + key + strings.Replace(matrix, noHooks+"t", noHooks+"}X\x04\x00\x00\x00conj\x88st", 1) + "s.", "resolve_conj"},
	{"untyped", proto + "}" + key + rebuild + "(" + strings.Replace(strings.Replace(floats, "ctorch\nFloat", "ctorch.storage\nUntyped", 1), "K\x04t", "K\x10t", 1) + "K\x00))" + noHooks + "tRs.", "untyped"},
	{"a dict in itself", proto + "}q\x00" + key + "h\x00s.", "32 deep"},
	{"name twice", proto + "}" + key + matrix + "s" + key + matrix + "s.", "comes twice"},
	{"dicts that share dicts", proto + "}q\x00" + func() string {
		var b strings.Builder
		for i := range 30 { // 2³⁰ ways to the innermost
			b.WriteString("}q" + string(rune(i+1)) + "X\x01\x00\x00\x00ah" + string(rune(i)) + "sX\x01\x00\x00\x00bh" + string(rune(i)) + "s")
		}
		return b.String()
	}() + ".", "too often to be looked"},
	{"tower of values", proto + strings.Repeat("}", 1<<20) + ".", "more values than"},
}

func TestRefusesPickles(t *testing.T) {
	for _, c := range badPickles {
		t.Run(c.name, func(t *testing.T) {
			sd, err := unpickle([]byte(c.pickle), "", 4096, testRecord)
			if err == nil {
				t.Fatalf("accepted: %v", sd)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want %q", err, c.want)
			}
		})
	}
}

func TestUnpickle(t *testing.T) {
	sd, err := unpickle([]byte(proto+"}"+key+matrix+"s."), "", 4096, testRecord)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := testRecord("0")
	if got, _ := sd.Get("w"); !reflect.DeepEqual(got, Tensor{F32, []int{2, 2}, want}) {
		t.Errorf("%v", got)
	}
}

func TestRefusesZips(t *testing.T) {
	u16, u32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
	type member struct {
		name   string
		data   string
		method uint16
		like   int // 1 + the number of an earlier member on whose bytes this one lies
	}
	fields := func(b []byte, m member) []byte { // the middle of both headers
		b = u32(u16(u16(u16(b, 20), 0), m.method), 0)
		b = u32(b, crc32.ChecksumIEEE([]byte(m.data)))
		return u16(u32(u32(b, uint32(len(m.data))), uint32(len(m.data))), uint16(len(m.name)))
	}
	build := func(members ...member) []byte {
		var b, dir []byte
		var starts []int
		for _, m := range members {
			start := len(b)
			if m.like > 0 {
				start = starts[m.like-1]
			} else {
				b = fields(append(b, "PK\x03\x04"...), m)
				b = append(u16(b, 0), m.name+m.data...)
			}
			starts = append(starts, start)
			dir = fields(u16(append(dir, "PK\x01\x02"...), 20), m)
			dir = u16(u16(u16(u16(dir, 0), 0), 0), 0)
			dir = u32(u32(dir, 0), uint32(start))
			dir = append(dir, m.name...)
		}
		at := len(b)
		b = append(b, dir...)
		b = u16(u16(append(b, "PK\x05\x06"...), 0), 0)
		b = u16(u16(b, uint16(len(members))), uint16(len(members)))
		return u16(u32(u32(b, uint32(len(dir))), uint32(at)), 0)
	}
	pkl := proto + "}" + key + matrix + "s."
	values := strings.Repeat("\x00", 16)
	if _, err := decodeTorch(build(member{"a/data.pkl", pkl, 0, 0}, member{"a/byteorder", "little", 0, 0}, member{"a/data/0", values, 0, 0})); err != nil {
		t.Errorf("a good one: %v", err)
	}
	big := strings.Repeat("x", 1000)
	two := strings.ReplaceAll(proto+"}"+key+matrix+"sX\x01\x00\x00\x00v"+strings.Replace(matrix, "\x01\x00\x00\x000X", "\x01\x00\x00\x001X", 1)+"s.", "K\x04tQ", "M\xfa\x00tQ")
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"no pickle", build(member{"a/x", pkl, 0, 0}), `no "data.pkl"`},
		{"no values", build(member{"a/data.pkl", pkl, 0, 0}), `no "data/0"`},
		{"compressed", build(member{"a/data.pkl", pkl, 8, 0}), "compressed"},
		{"big-endian", build(member{"a/byteorder", "big", 0, 0}, member{"a/data.pkl", pkl, 0, 0}), `byte order is "big"`},
		{"TorchScript", build(member{"a/constants.pkl", "", 0, 0}), "TorchScript"},
		{"name twice", build(member{"a/data.pkl", pkl, 0, 0}, member{"a/data.pkl", pkl, 0, 0}), "twice"},
		{"values in one place", build(member{"a/data.pkl", two, 0, 0}, member{"a/data/0", big, 0, 0}, member{"a/data/1", big, 0, 2}), "overlaps"},
		{"no zip", []byte("PK\x03\x04 and no more"), "not a file of torch.save"},
	} {
		path := filepath.Join(t.TempDir(), "w.pt")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzPickle(f *testing.F) {
	for _, c := range badPickles {
		if len(c.pickle) < 5000 {
			f.Add([]byte(c.pickle))
		}
	}
	f.Add([]byte(proto + "}" + key + matrix + "s."))
	for _, name := range []string{"net.pt", "views.pt", "nested.pt", "protocol4.pt", "wrapped.pt"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		a, err := openArchive(b)
		if err != nil {
			f.Fatal(err)
		}
		pkl, err := a.record("data.pkl")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(pkl)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sd, err := unpickle(b, "", len(b)+32, testRecord)
		if err != nil {
			return
		}
		checkWhole(t, sd)
	})
}

func FuzzTorch(f *testing.F) {
	for _, name := range []string{"net.pt", "views.pt", "nested.pt", "protocol4.pt", "legacy.pt", "evil.pt", "wrapped.pt", "lightning.pt", "wrapped_legacy.pt", "python2.pt"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if sd, err := decodeTorch(b); err == nil {
			checkWhole(t, sd)
		}
	})
}

// checkWhole checks that each tensor has the bytes that it needs.
func checkWhole(t *testing.T, sd *StateDict) {
	for _, name := range sd.Names() {
		x, _ := sd.Get(name)
		if err := x.validate(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
