package backend

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fakePip puts a python3 first in the PATH whose `pip download` gives a wheel that holds library as the plugin.
func fakePip(t *testing.T, library []byte) (calls func() int) {
	t.Helper()
	dir := t.TempDir()
	wheel := filepath.Join(dir, "a.whl")
	f, err := os.Create(wheel)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("some_package/pjrt_c_api_cpu_plugin.so")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(library); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	script := `#!/bin/sh
[ "$3" = --version ] && exit 0
echo x >> "` + dir + `/calls"
while [ "$1" != --dest ]; do shift; done
cp "` + wheel + `" "$2"
`
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() int {
		text, _ := os.ReadFile(filepath.Join(dir, "calls"))
		return strings.Count(string(text), "x")
	}
}

func TestInstallMends(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the wheel is for linux/amd64 alone")
	}
	library, err := os.ReadFile("/proc/self/exe") // whole ELF, as far as Check looks
	if err != nil {
		t.Fatal(err)
	}
	calls := fakePip(t, library)
	dir := filepath.Join(t.TempDir(), "a b [c]", "pjrt")
	install := func() Plugin {
		t.Helper()
		p, err := Install(context.Background(), CPUWheel, dir, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := install()
	if install(); calls() != 1 {
		t.Fatalf("a whole plugin was installed again: %d downloads", calls())
	}
	damages := map[string]func() error{
		"plugin gone":      func() error { return os.Remove(p.Path) },
		"plugin empty":     func() error { return os.Truncate(p.Path, 0) },
		"plugin truncated": func() error { return os.Truncate(p.Path, 1000) },
		"one byte changed": func() error {
			changed := append([]byte{}, library...)
			changed[len(changed)/2] ^= 1
			return os.WriteFile(p.Path, changed, 0o755)
		},
		"manifest gone":   func() error { return os.Remove(p.manifestPath()) },
		"manifest halved": func() error { return os.Truncate(p.manifestPath(), 20) },
		"killed while downloading": func() error {
			if err := os.Remove(p.Path); err != nil {
				return err
			}
			left := filepath.Join(dir, ".download-123")
			if err := os.Mkdir(left, 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(left, "half.whl"), library[:100], 0o644)
		},
	}
	for name, damage := range damages {
		before := calls()
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		install()
		if calls() != before+1 {
			t.Errorf("%s: %d downloads instead of one", name, calls()-before)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), ".download-") {
			t.Errorf("%s is left over", e.Name())
		}
	}
}

func TestInstallSaysWhatFailed(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the wheel is for linux/amd64 alone")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\n[ \"$3\" = --version ] && exit 0\necho 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	_, err := Install(context.Background(), CPUWheel, filepath.Join(dir, "pjrt"), func(string) {})
	if err == nil || !strings.Contains(err.Error(), "DO NOT MATCH THE HASHES") {
		t.Errorf("pip's words are lost: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(context.Background(), CPUWheel, filepath.Join(file, "pjrt"), func(string) {}); err == nil {
		t.Error("installing under a file: no error")
	}
}

func TestPins(t *testing.T) {
	for _, source := range []Source{CPUWheel, CUDAWheel} {
		lock, err := locks.ReadFile("locks/" + string(source) + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		pins := pinned(string(lock))
		if len(pins) == 0 || !strings.Contains(pins[0].name, "pjrt") {
			t.Errorf("%s: the first pin is not the plugin: %v", source, pins)
		}
		if strings.Count(string(lock), "--hash=sha256:") < len(pins) {
			t.Errorf("%s: a pin without a hash", source)
		}
	}
}
