//go:build cgo

package backend

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// A graph built a second time is read from the disk, one whose file is broken is compiled again, and all give the same.
func TestKeepPrograms(t *testing.T) {
	b, err := New("xla:cpu")
	if err != nil {
		t.Skipf("%v (install it with make setup)", err)
	}
	if hooked.programs == nil {
		t.Skipf("no programs are kept: %s is off, XLA_FLAGS ask for a dump, or there is no folder for the user's cache", ProgramsEnv)
	}
	before := hooked.programs
	defer func() { hooked.programs = before }()
	mine := *before
	mine.dir, mine.worth = t.TempDir(), 0
	hooked.programs = &mine

	call := func() (path string, used time.Time) {
		t.Helper()
		out, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node { return graph.AddScalar(graph.Square(x), 1) }, []float32{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := tensors.MustCopyFlatData[float32](out); got[0] != 2 || got[1] != 5 || got[2] != 10 {
			t.Fatalf("computed %v", got)
		}
		files, err := filepath.Glob(filepath.Join(mine.dir, "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("kept %v, %v, want one file", files, err)
		}
		info, err := os.Stat(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return files[0], info.ModTime()
	}
	path, _ := call()
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, used := call(); !used.After(long) {
		t.Error("the second call compiled the program again")
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(whole) {
		t.Errorf("the second call wrote the file again (%v)", err)
	}
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	call()
	if now, err := os.ReadFile(path); err != nil || len(now) != len(whole) {
		t.Errorf("the broken file has %d bytes, want %d again (%v)", len(now), len(whole), err)
	}
}

func TestNewPrograms(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(file, []byte("plugin"), 0o600); err != nil {
		t.Fatal(err)
	}
	plugin := Plugin{Name: "cpu", Path: file}
	open := t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"a folder":                  {map[string]string{ProgramsEnv: t.TempDir()}, true},
		"a new folder":              {map[string]string{ProgramsEnv: filepath.Join(t.TempDir(), "a", "b")}, true},
		"neither path nor off":      {map[string]string{ProgramsEnv: "of"}, false},
		"off":                       {map[string]string{ProgramsEnv: "off"}, false},
		"a folder open to others":   {map[string]string{ProgramsEnv: open}, false},
		"XLA shows how it compiles": {map[string]string{ProgramsEnv: t.TempDir(), "XLA_FLAGS": "--xla_dump_to=x"}, false},
		"flags in a file":           {map[string]string{ProgramsEnv: t.TempDir(), "XLA_FLAGS": "flags.txt"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			if got := newPrograms(plugin); (got != nil) != c.want {
				t.Errorf("keeps programs: %v", got != nil)
			}
		})
	}
	if newPrograms(Plugin{Name: "rocm", Path: filepath.Join(t.TempDir(), "pjrt_c_api_rocm_plugin.so")}) != nil {
		t.Error("another device's programs are kept")
	}
}
