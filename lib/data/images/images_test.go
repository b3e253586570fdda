package images

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/md5" //nolint:gosec // what the loader checks
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// dataset is train.Dataset, which rooms of data don't import.
type dataset interface {
	Steps() int
	Batch(epoch, step int) ([]*tensors.Tensor, error)
}

var _ dataset = (*Batches)(nil)

// What decode makes of each format is compared with torchvision and Pillow (testdata/make.py).
func TestDecodeAgainstTorchvision(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	delete(golden, "pillow")
	delete(golden, "torchvision")
	for name, wanted := range golden {
		var file, mode string
		var size int
		if _, err := fmt.Sscan(name, &file, &mode, &size); err != nil {
			t.Fatal(err)
		}
		channels, fit, tolerance := 3, Crop, 1 // Pillow's fixed point rounds otherwise now and then
		switch {
		case mode == "grey":
			channels = 1
		case mode == "stretch":
			fit = Stretch
		}
		if filepath.Ext(file) == ".jpg" {
			tolerance = 3 // two JPEG decoders
		}
		if file == "photo.webp" || file == "alpha.webp" {
			tolerance = 2 // two WebP decoders
		}
		want, err := hex.DecodeString(wanted)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, size*size*channels)
		err = decode(f, got, size, channels, fit)
		_ = f.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		worst := 0
		for i := range want {
			worst = max(worst, int(got[i])-int(want[i]), int(want[i])-int(got[i]))
		}
		if len(got) != len(want) || worst > tolerance {
			t.Errorf("%s: differs by %d, want at most %d", name, worst, tolerance)
		}
	}
}

// folder copies the test's pictures into classes, and adds what must be left aside.
func folder(t *testing.T) string {
	dir := t.TempDir()
	for to, from := range map[string]string{"a/1.png": "wave.png", "a/2.jpg": "wave.jpg", "b/deep/3.webp": "wave.webp", "b/4.GIF": "wave.gif"} {
		data, err := os.ReadFile(filepath.Join("testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, to), data)
	}
	write(t, filepath.Join(dir, "b", "notes.txt"), []byte("not a picture"))
	write(t, filepath.Join(dir, "b", ".hidden.png"), []byte("not a picture"))
	return dir
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFolder(t *testing.T) {
	dir := folder(t)
	set, err := Folder(context.Background(), FolderConfig{Dir: dir, Size: 16})
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != 4 || !slices.Equal(set.Classes, []string{"a", "b"}) || !slices.Equal(set.labels, []int32{0, 0, 1, 1}) {
		t.Errorf("%d pictures, classes %v, labels %v", set.Len(), set.Classes, set.labels)
	}
	pictures, err := set.Floats(0, 4)
	if err != nil || len(pictures[3]) != 16*16*3 {
		t.Fatalf("%d values, error %v", len(pictures[3]), err)
	}

	data, err := os.ReadFile("testdata/wave.jpg")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a", "0.jpg"), data[:len(data)/2]) // its header is whole
	write(t, filepath.Join(dir, "b", "5.png"), nil)
	_, err = Folder(context.Background(), FolderConfig{Dir: dir, Size: 16})
	var broken Broken
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "2 of 6 files") || !strings.Contains(err.Error(), "5.png") {
		t.Errorf("broken files: error %v", err)
	}
	set, err = Folder(context.Background(), FolderConfig{Dir: dir, Size: 16, SkipBroken: true})
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != 4 || len(set.Broken) != 2 || set.Broken[0].Path != filepath.Join("a", "0.jpg") {
		t.Errorf("%d pictures, broken %v", set.Len(), set.Broken)
	}
	set, err = Folder(context.Background(), FolderConfig{Dir: dir, Size: 16, Trust: true})
	if err != nil {
		t.Fatal(err)
	}
	b, err := set.Batches(BatchConfig{Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Batch(0, 0); err == nil || !strings.Contains(err.Error(), "0.jpg") {
		t.Errorf("batch with a broken file: error %v", err)
	}
	write(t, filepath.Join(dir, "top.jpg"), data)
	if set, err = Folder(context.Background(), FolderConfig{Dir: dir, Size: 16, SkipBroken: true}); err != nil || set.Classes != nil {
		t.Errorf("a picture beside the folders: classes %v, error %v", set.Classes, err)
	}
}

func TestFolderErrors(t *testing.T) {
	for want, cfg := range map[string]FolderConfig{
		"Size is 0":       {Dir: "testdata"},
		"Fit is 7":        {Dir: "testdata", Size: 8, Fit: 7},
		"no picture in":   {Dir: t.TempDir(), Size: 8},
		"no such file or": {Dir: "testdata/none", Size: 8},
	} {
		if _, err := Folder(context.Background(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Folder(ctx, FolderConfig{Dir: "testdata", Size: 8}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// numbered makes n pictures of 2x2 whose left half is the picture's place and whose right half is 255 less it.
func numbered(t *testing.T, n int) *Set {
	var pixels, labels []byte
	for i := range n {
		l, r := byte(i), byte(255-i)
		pixels = append(pixels, l, r, l, r)
		labels = append(labels, byte(i%10))
	}
	set, err := FromBytes(pixels, 2, 2, 1, labels, Digits, 2)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// epoch gives the place of each picture and whether it was mirrored, checking that the labels belong to them.
func epoch(t *testing.T, b *Batches, epoch int) (places []int, mirrored int) {
	t.Helper()
	for step := range b.Steps() {
		batch, err := b.Batch(epoch, step)
		if err != nil {
			t.Fatal(err)
		}
		flat := tensors.MustCopyFlatData[float32](batch[0])
		labels := tensors.MustCopyFlatData[int32](batch[1])
		if dims := batch[0].Shape().Dimensions; !slices.Equal(dims, []int{len(labels), 2, 2, 1}) {
			t.Fatalf("pictures %v with %d labels", dims, len(labels))
		}
		for i, l := range labels {
			left, right := int(flat[4*i]*255+0.5), int(flat[4*i+1]*255+0.5)
			if left > right {
				left, right = right, left
				mirrored++
			}
			if left+right != 255 || left%10 != int(l) {
				t.Fatalf("picture %d|%d with label %d", left, right, l)
			}
			places = append(places, left)
		}
	}
	return places, mirrored
}

func TestBatches(t *testing.T) {
	set := numbered(t, 100)
	for _, c := range []struct {
		cfg   BatchConfig
		steps int
		seen  int
	}{
		{BatchConfig{Size: 40, Labels: true}, 3, 100},
		{BatchConfig{Size: 40, Labels: true, DropLast: true, Shuffle: true}, 2, 80},
		{BatchConfig{Size: 100, Labels: true, Shuffle: true, Flip: true, Seed: 2}, 1, 100},
	} {
		b, err := set.Batches(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		places, mirrored := epoch(t, b, 3)
		if b.Steps() != c.steps || slices.IsSorted(places) == c.cfg.Shuffle {
			t.Errorf("%+v: %d steps, order %v", c.cfg, b.Steps(), places)
		}
		again, mirroredAgain := epoch(t, b, 3)
		if !slices.Equal(places, again) || mirrored != mirroredAgain {
			t.Errorf("%+v: an epoch read twice differs", c.cfg)
		}
		if c.cfg.Flip != (mirrored > 30 && mirrored < 70) || (!c.cfg.Flip && mirrored > 0) {
			t.Errorf("%+v: %d mirrored", c.cfg, mirrored)
		}
		other, _ := epoch(t, b, 4)
		if slices.Equal(places, other) == c.cfg.Shuffle {
			t.Errorf("%+v: epochs 3 and 4 are in the orders %v and %v", c.cfg, places, other)
		}
		slices.Sort(places)
		if places = slices.Compact(places); len(places) != c.seen {
			t.Errorf("%+v: %d different pictures, want %d", c.cfg, len(places), c.seen)
		}
	}
}

func TestBatchErrors(t *testing.T) {
	set := numbered(t, 10)
	plain, err := FromBytes(make([]byte, 40), 2, 2, 1, nil, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set  *Set
		cfg  BatchConfig
		want string
	}{
		{set, BatchConfig{}, "Size is 0"},
		{set, BatchConfig{Size: 2, Shift: -1}, "Shift is -1"},
		{set, BatchConfig{Size: 11, DropLast: true}, "10 pictures"},
		{plain, BatchConfig{Size: 1, Labels: true}, "no classes"},
		{&Set{}, BatchConfig{Size: 1}, "no pictures"},
	} {
		if _, err := c.set.Batches(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.cfg, err, c.want)
		}
	}
	b, err := set.Batches(BatchConfig{Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range [][2]int{{-1, 0}, {0, -1}, {0, 3}} {
		if _, err := b.Batch(place[0], place[1]); err == nil {
			t.Errorf("no error at %v", place)
		}
	}
	if _, err := FromBytes(make([]byte, 9), 2, 2, 1, nil, nil, 2); err == nil {
		t.Error("no error for pictures cut short")
	}
	if _, err := FromBytes(make([]byte, 8), 2, 2, 1, []byte{0, 10}, Digits, 2); err == nil {
		t.Error("no error for a label without a class")
	}
}

// server gives files over HTTP, with the sums that files says; the last one's sum is wrong when spoiled.
func server(t *testing.T, contents map[string][]byte) []remote {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := contents[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(data)
	}))
	t.Cleanup(s.Close)
	var files []remote
	for name, data := range contents {
		sum := md5.Sum(data) //nolint:gosec // what the loader checks
		files = append(files, remote{name, s.URL + "/" + name, hex.EncodeToString(sum[:])})
	}
	return files
}

func TestDownload(t *testing.T) {
	files := server(t, map[string][]byte{"a.bin": []byte("right")})
	dir := t.TempDir()
	if err := download(context.Background(), dir, files); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "a.bin")); err != nil || string(data) != "right" {
		t.Errorf("%q, error %v", data, err)
	}
	wrong := []remote{{"b.bin", files[0].url, "00"}}
	if err := download(context.Background(), dir, wrong); err == nil || !strings.Contains(err.Error(), "MD5 sum") {
		t.Errorf("wrong sum: error %v", err)
	}
	missing := []remote{{"c.bin", files[0].url + "x", "00"}}
	if err := download(context.Background(), dir, missing); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("missing file: error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := download(ctx, dir, missing); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, error %v", left, err)
	}
}

// cifarArchive packs the six files with two records each, as the authors' archive does.
func cifarArchive(t *testing.T, cut int) []byte {
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	files := tar.NewWriter(zipped)
	for n, name := range slices.Concat(cifarTrain, cifarTest) {
		var data []byte
		for r := range 2 {
			record := make([]byte, cifarRecord)
			record[0] = byte(n + r)
			for i := range cifarPlane {
				record[1+i], record[1+cifarPlane+i], record[1+2*cifarPlane+i] = 10, 20, byte(i)
			}
			data = append(data, record...)
		}
		data = data[:len(data)-cut]
		if err := files.WriteHeader(&tar.Header{Name: "cifar-10-batches-bin/" + name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestCIFAR10(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := CIFAR10(dir, 32); err == nil || !strings.Contains(err.Error(), "DownloadCIFAR10") {
		t.Errorf("empty folder: error %v", err)
	}
	if err := download(context.Background(), dir, server(t, map[string][]byte{"cifar-10-binary.tar.gz": cifarArchive(t, 0)})); err != nil {
		t.Fatal(err)
	}
	train, test, err := CIFAR10(dir, 32)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 10 || test.Len() != 2 || train.Classes[train.Label(9)] != "dog" {
		t.Errorf("%d and %d pictures, the tenth a %s", train.Len(), test.Len(), train.Classes[train.Label(9)])
	}
	picture, err := train.Floats(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := picture[0][3*200 : 3*200+3]; !slices.Equal(got, []float32{10. / 255, 20. / 255, 200. / 255}) {
		t.Errorf("pixel 200: %v", got)
	}
	var bomb bytes.Buffer
	packed := gzip.NewWriter(&bomb)
	members := tar.NewWriter(packed)
	if err := members.WriteHeader(&tar.Header{Name: "data_batch_1.bin", Size: maxCIFAR + cifarRecord, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cifar-10-binary.tar.gz"), bomb.Bytes())
	if _, _, err := CIFAR10(dir, 32); err == nil || !strings.Contains(err.Error(), "there must be at most") {
		t.Errorf("a file too long: error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cifar-10-binary.tar.gz"), cifarArchive(t, 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := CIFAR10(dir, 32); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("short file: error %v", err)
	}
}

// celeba makes the three files of CelebA for four faces.
func celeba(t *testing.T) map[string][]byte {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for i := range 4 {
		w, err := archive.Create(fmt.Sprintf("img_align_celeba/%06d.jpg", i+1))
		if err != nil {
			t.Fatal(err)
		}
		face := image.NewGray(image.Rect(0, 0, 178, 218))
		for p := range face.Pix {
			face.Pix[p] = byte(40 * (i + 1))
		}
		if err := jpeg.Encode(w, face, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"img_align_celeba.zip":    packed.Bytes(),
		"list_attr_celeba.txt":    []byte("4\nBald Smiling \n000001.jpg -1  1\n000002.jpg  1 -1\n000003.jpg -1 -1\n000004.jpg -1  1\n"),
		"list_eval_partition.txt": []byte("000001.jpg 0\n000002.jpg 0\n000003.jpg 1\n000004.jpg 2\n"),
	}
}

func TestCelebA(t *testing.T) {
	dir := t.TempDir()
	if err := download(context.Background(), dir, server(t, celeba(t))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		split, attribute string
		grey             []int
		labels           []int
	}{
		{"", "", []int{40, 80, 120, 160}, []int{0, 0, 0, 0}},
		{"train", "Smiling", []int{40, 80}, []int{1, 0}},
		{"test", "Bald", []int{160}, []int{0}},
	} {
		set, closer, err := CelebA(CelebAConfig{Dir: dir, Size: 8, Split: c.split, Attribute: c.attribute})
		if err != nil {
			t.Fatal(err)
		}
		pictures, err := set.Floats(0, set.Len())
		if err != nil || len(pictures) != len(c.grey) {
			t.Fatalf("%+v: %d faces, error %v", c, len(pictures), err)
		}
		for i, p := range pictures {
			if got := int(p[0]*255 + 0.5); got < c.grey[i]-2 || got > c.grey[i]+2 || set.Label(i) != c.labels[i] {
				t.Errorf("%+v: face %d is %d with label %d", c, i, got, set.Label(i))
			}
		}
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
	for stated, want := range map[uint64]string{1 << 30: "it unpacks to 1073741824 bytes", 1000: "not a valid zip"} { // a face of 20 MB
		file := zip.FileHeader{Name: "000001.jpg", Method: zip.Deflate, UncompressedSize64: stated}
		var packed, squeezed bytes.Buffer
		deflate, err := flate.NewWriter(&squeezed, 9)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := deflate.Write(make([]byte, 20<<20)); err != nil {
			t.Fatal(err)
		}
		if err := deflate.Close(); err != nil {
			t.Fatal(err)
		}
		file.CompressedSize64 = uint64(squeezed.Len())
		all := zip.NewWriter(&packed)
		w, err := all.CreateRaw(&file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(squeezed.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := all.Close(); err != nil {
			t.Fatal(err)
		}
		bad := t.TempDir()
		write(t, filepath.Join(bad, "img_align_celeba.zip"), packed.Bytes())
		set, closer, err := CelebA(CelebAConfig{Dir: bad, Size: 8})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Floats(0, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a face of 20 MB that states %d: error %v", stated, err)
		}
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
	for want, cfg := range map[string]CelebAConfig{
		`Split is "dev"`:       {Dir: dir, Size: 8, Split: "dev"},
		`attribute is "Happy"`: {Dir: dir, Size: 8, Attribute: "Happy"},
		"call DownloadCelebA":  {Dir: t.TempDir(), Size: 8},
		"Size is 0":            {Dir: dir},
	} {
		if _, _, err := CelebA(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func BenchmarkResizeDigit(b *testing.B) {
	src, dst := make([]byte, 784), make([]byte, 4096)
	for b.Loop() {
		Resize(dst, 64, 64, src, 28, 28, 1)
	}
}

// TestShift moves a picture of 3×3 pixels of two channels.
func TestShift(t *testing.T) {
	numbers := func() []float32 {
		p := make([]float32, 18)
		for i := range p {
			p[i] = float32(i + 1)
		}
		return p
	}
	for _, c := range []struct {
		down, right int
		want        []float32
	}{
		{0, 0, numbers()},
		{1, 1, []float32{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 7, 8, 9, 10}},
		{-2, -1, []float32{15, 16, 17, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	} {
		p := numbers()
		if shift(p, 3, 2, c.down, c.right); !slices.Equal(p, c.want) {
			t.Errorf("by %d down and %d right: %v", c.down, c.right, p)
		}
	}
	set := numbered(t, 40)
	plain, err := set.Batches(BatchConfig{Size: 40})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := set.Batches(BatchConfig{Size: 40, Shift: 1})
	if err != nil {
		t.Fatal(err)
	}
	var read [3][]float32
	for i, b := range []*Batches{plain, moved, moved} {
		batch, err := b.Batch(1, 0)
		if err != nil {
			t.Fatal(err)
		}
		read[i] = tensors.MustCopyFlatData[float32](batch[0])
	}
	if slices.Equal(read[0], read[1]) || !slices.Equal(read[1], read[2]) {
		t.Error("a shifted epoch is the plain one, or another when read twice")
	}
}
