package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestModuleOfOnesOwn does what README.md says, to the letter, in an empty folder. Then every package of the library builds there, before
// and after `go mod tidy`, and nothing asks for another `go get`.
func TestModuleOfOnesOwn(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	checkout, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begins := strings.Cut(string(readme), "    go mod init ")
	steps, _, ends := strings.Cut(rest, "\n\n")
	if !begins || !ends || strings.Count(steps, "/path/to/genlab") != 1 {
		t.Fatal("README.md no longer says how a module of one's own begins: a block from go mod init on, with /path/to/genlab in it")
	}
	steps = "go mod init " + strings.ReplaceAll(steps, "/path/to/genlab", "'"+checkout+"'")

	dir := t.TempDir()
	// setup would put a plugin into the user's cache.
	pluginless := strings.ReplaceAll(steps, "cmd/genlab\n    go tool genlab setup", "cmd/genlab\n    go tool genlab setup --help")
	if pluginless == steps {
		t.Fatal("README.md no longer has go tool genlab setup after go get")
	}
	script := func(text string) {
		t.Helper()
		cmd := exec.Command("bash", "-e")
		cmd.Stdin = strings.NewReader(text)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, text, out)
		}
	}
	script(pluginless)

	list := exec.Command("go", "list", module+"/lib/...")
	packages, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	program := "package main\n\n"
	for _, p := range strings.Fields(string(packages)) {
		if !strings.HasSuffix(p, "test") { // they are for genlab's own tests
			program += "import _ \"" + p + "\"\n"
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	script("go mod tidy") // with nothing that imports it
	write(program + "\nfunc main() {}\n")
	script("go list -deps . >/dev/null")
	script("go mod tidy; go list -deps . >/dev/null; go tool genlab models >/dev/null")

	example, err := os.ReadFile("../examples/vae/main.go")
	if err != nil {
		t.Fatal(err)
	}
	write(string(example))
	script("go vet . && go mod tidy && go vet .")
}
