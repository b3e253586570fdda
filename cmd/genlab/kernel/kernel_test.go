package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	t.Setenv("TMPDIR", t.TempDir())
	if got, err := withoutComma("/a b/c"); err != nil || got != "/a b/c" {
		t.Errorf("got %s, %v", got, err)
	}
	dir := filepath.Join(t.TempDir(), "a,b")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := withoutComma(dir)
	if err != nil || strings.Contains(got, ",") {
		t.Fatalf("got %s, %v", got, err)
	}
	if to, err := filepath.EvalSymlinks(got); err != nil || to != dir {
		t.Errorf("%s leads to %s, %v", got, to, err)
	}
}
