package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRenamer(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"module genlab\n\ngo 1.26\n", "module a.org/b/genlab\n\ngo 1.26\n"},
		{"\t_ \"genlab/lib/models/vae/command\"\n", "\t_ \"a.org/b/genlab/lib/models/vae/command\"\n"},
		{`"\t\"genlab/lib/viz\"\n",`, `"\t\"a.org/b/genlab/lib/viz\"\n",`}, // a notebook's cell
		{"go get -tool genlab/cmd/genlab", "go get -tool a.org/b/genlab/cmd/genlab"},
		{"go list genlab/...", "go list a.org/b/genlab/..."},
		{"go mod edit -replace genlab=/path/to/genlab", "go mod edit -replace a.org/b/genlab=/path/to/genlab"},
		{"go run ./cmd/genlab; see /src/genlab/lib/nn", "go run ./cmd/genlab; see /src/genlab/lib/nn"},
		{"bin/genlab train vae; genlab's command; .cache/genlab/pjrt", "bin/genlab train vae; genlab's command; .cache/genlab/pjrt"},
		{"import \"mygenlab/lib/nn\"", "import \"mygenlab/lib/nn\""},
	} {
		got := string(renamer("genlab", "a.org/b/genlab")([]byte(c.text)))
		if got != c.want {
			t.Errorf("%q becomes %q, not %q", c.text, got, c.want)
		}
		if back := string(renamer("a.org/b/genlab", "c.org/genlab")([]byte(got))); strings.Contains(back, "a.org") {
			t.Errorf("renamed again, %q becomes %q", got, back)
		}
	}
}

// A copy of the checkout's source, renamed, imports nothing under the old path, templates and notebooks included.
func TestRename(t *testing.T) {
	root := filepath.Join("..", "..")
	list := exec.Command("git", "ls-files", "-z", "--", "*.go", "*.mod", "*.sum", "*.tmpl", "*.ipynb", "*.py", "*.md")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Skipf("git ls-files: %v (a checkout is needed)", err)
	}
	dir := t.TempDir()
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	for _, f := range files {
		if strings.HasPrefix(f, "cmd/rename/") {
			continue // this test has the old path in it
		}
		text, err := os.ReadFile(filepath.Join(root, f))
		if err != nil {
			continue // removed and not yet committed
		}
		to := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := rename(dir, "nodot/genlab"); err == nil || !strings.Contains(err.Error(), "MODULE is") {
		t.Errorf("a path without a host: %v", err)
	}
	if n, err := rename(dir, "example.com/owner/genlab"); err != nil || n < 100 {
		t.Fatalf("%d files changed, error %v", n, err)
	}
	for _, f := range files {
		text, _ := os.ReadFile(filepath.Join(dir, f)) // what isn't there is empty
		if strings.Contains(string(text), `"genlab/lib`) {
			t.Errorf("%s still imports the old path", f)
		}
	}
	imports := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}} {{join .Imports " "}} {{join .TestImports " "}}`, "./...")
	imports.Dir = dir
	out, err = imports.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "example.com/owner/genlab") || strings.Contains(line, " genlab/") {
			t.Errorf("still under the old path: %s", line)
		}
	}
}
