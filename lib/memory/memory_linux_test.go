package memory_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// build makes testdata/hammer, with a C compiler.
func build(t *testing.T, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hammer")
	cmd := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), "./testdata/hammer")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("hammer can't be built here, with go build %s: %v\n%s", strings.Join(flags, " "), err, out)
	}
	return path
}

// hammer says what the program prints last.
func hammer(t *testing.T, path string, env ...string) string {
	t.Helper()
	cmd := exec.Command(path)
	cmd.Env = append(append(os.Environ(), "GORACE=atexit_sleep_ms=0"), env...) // a child a second, else
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// allocators are the files of other allocators that are installed here.
func allocators(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, name := range []string{"libjemalloc.so.2", "libmimalloc.so.2*", "libtcmalloc_minimal.so.4"} {
		for _, dir := range []string{"/usr/lib/*-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"} {
			files, err := filepath.Glob(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if len(files) > 0 {
				found = append(found, files[0])
				break
			}
		}
	}
	return found
}

// Many threads, forked and started children: each block holds what was written into it, whatever function made, resized or freed it,
// beside the race detector and another allocator, too.
func TestHammer(t *testing.T) {
	for _, flags := range [][]string{{}, {"-race"}} {
		path := build(t, flags...)
		t.Run("glibc"+strings.Join(flags, ""), func(t *testing.T) {
			if got := hammer(t, path); got != "kept" {
				t.Errorf("large blocks are not kept: %s", got)
			}
		})
		t.Run("preloaded"+strings.Join(flags, ""), func(t *testing.T) {
			others := allocators(t)
			if len(others) == 0 {
				t.Skip("no other allocator is installed: on Debian and Ubuntu, apt install libjemalloc2 libmimalloc2.0")
			}
			for _, file := range others {
				if got, want := hammer(t, path, "LD_PRELOAD="+file), "malloc is not glibc's"; got != want {
					t.Errorf("with %s: %q, want %q", file, got, want)
				}
			}
		})
	}
}

// GENLAB_MEMORY=off keeps nothing, nor does a setting that is none, which is said.
func TestSetting(t *testing.T) {
	path := build(t)
	for setting, want := range map[string]string{
		"off": "GENLAB_MEMORY is off",
		"no":  `GENLAB_MEMORY is "no": it must be off, or not set`,
	} {
		if got := hammer(t, path, "GENLAB_MEMORY="+setting); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Go's own linker, which cells of notebooks use, and AddressSanitizer leave nothing of the package: such programs start and run.
func TestStandsAside(t *testing.T) {
	for _, c := range []struct{ flag, want string }{
		{"-ldflags=-linkmode=internal", "the program was linked by Go's own linker, which exports no functions"},
		{"-asan", "only on Linux, with cgo, without a sanitizer"},
	} {
		t.Run(c.flag, func(t *testing.T) {
			if got := hammer(t, build(t, c.flag), "ASAN_OPTIONS=allocator_may_return_null=1"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
