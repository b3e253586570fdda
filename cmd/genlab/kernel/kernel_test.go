package kernel

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kernel runs a command line of `genlab kernel`.
func kernel(t *testing.T, args ...string) error {
	cmd := New()
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	return cmd.ExecuteContext(t.Context())
}

func TestKernelspec(t *testing.T) {
	checkout := t.TempDir()
	if err := os.WriteFile(filepath.Join(checkout, "go.mod"), []byte("module genlab\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(checkout, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(bin, "genlab")
	if err := os.WriteFile(exe, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(checkout)
	t.Setenv("JUPYTER_DATA_DIR", filepath.Join(t.TempDir(), "a b"))
	for range 2 { // installing over an installed one
		if err := kernel(t, "install"); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(os.Getenv("JUPYTER_DATA_DIR"), "kernels", ID)
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec kernelspec
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	real, err := filepath.EvalSymlinks(exe)
	if err != nil {
		t.Fatal(err)
	}
	if len(spec.Argv) != 4 || spec.Argv[0] != real || spec.Argv[3] != "{connection_file}" || spec.DisplayName != "Go (genlab)" {
		t.Errorf("kernelspec: %+v", spec)
	}
	if err := kernel(t, "uninstall"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

func TestModuleAround(t *testing.T) {
	t.Setenv("GOFLAGS", "")
	t.Setenv("GO111MODULE", "")
	own := filepath.Join(t.TempDir(), "my module")
	notebooks := filepath.Join(own, "notebooks")
	if err := os.MkdirAll(notebooks, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(own, "go.mod"), []byte("module mine\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(own, link); err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	for _, c := range []struct{ cwd, want string }{
		{notebooks, own},
		{filepath.Join(link, "notebooks"), own},
		{outside, "/the/checkout"},
	} {
		t.Chdir(c.cwd)
		got := moduleAround("/the/checkout")
		if real, err := filepath.EvalSymlinks(got); err == nil {
			got = real
		}
		if got != c.want {
			t.Errorf("in %s: %s, not %s", c.cwd, got, c.want)
		}
	}
}

func TestGetModules(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module mine\n\ngo 1.26\n")
	write("a.go", "package mine\n\nimport _ \"fmt\"\n")
	if err := getModules(dir, "GOPROXY=off"); err != nil {
		t.Errorf("a module that needs nothing lacks something: %v", err)
	}
	write("go.mod", "module mine\n\ngo 1.26\n\nrequire example.invalid/nowhere v1.0.0\n")
	write("a.go", "package mine\n\nimport _ \"example.invalid/nowhere\"\n")
	if getModules(dir, "GOPROXY=off") == nil {
		t.Error("a module that can't be had is there")
	}
}

// TestWithoutComma: GoNB splits the list of modules at commas; spaces are no matter to it.
func TestWithoutComma(t *testing.T) {
	if got, err := withoutComma("/a b/c", t.TempDir()); err != nil || got != "/a b/c" {
		t.Errorf("got %s, %v", got, err)
	}
	dir := filepath.Join(t.TempDir(), "a,b")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := withoutComma(dir, t.TempDir())
	if err != nil || strings.Contains(got, ",") {
		t.Fatalf("got %s, %v", got, err)
	}
	if to, err := filepath.EvalSymlinks(got); err != nil || to != dir {
		t.Errorf("%s leads to %s, %v", got, to, err)
	}
}
