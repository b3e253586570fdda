package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// genlab runs a command line in this process.
func genlab(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"models", exitOK, "vae", ""},
		{"--help", exitOK, "genlab train vae", ""},
		{"--version", exitOK, version, ""},
		{"completion bash", exitOK, "genlab", ""},
		{"bogus", exitUsage, "", "genlab: unknown command"},
		{"models extra", exitUsage, "", "see: genlab models --help"},
		{"setup --nonsense", exitUsage, "", "see: genlab setup --help"},
		{"sample vea", exitUsage, "", `unknown command "vea"`},
		{"train", exitOK, "translator", ""},
		{"kernel run", exitUsage, "", "accepts 1 arg"},
		{"setup --cuda --release", exitUsage, "", "if any flags in the group"},
	} {
		code, stdout, stderr := genlab(t.Context(), strings.Fields(c.args)...)
		if !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("genlab %s prints %q, %q", c.args, stdout, stderr)
		}
		if code != c.code {
			t.Errorf("genlab %s exits with %d, not %d", c.args, code, c.code)
		}
	}
}

// TestEveryCommandHasHelp holds each subcommand to a line in the list.
func TestEveryCommandHasHelp(t *testing.T) {
	for _, c := range commands() {
		if c.Short == "" {
			t.Errorf("genlab %s has no short help", c.Name())
		}
	}
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
		if code, _, stderr := genlab(t.Context(), "kernel", "install"); code != exitOK {
			t.Fatal(stderr)
		}
	}
	dir := filepath.Join(os.Getenv("JUPYTER_DATA_DIR"), "kernels", kernelID)
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
	if code, _, stderr := genlab(t.Context(), "kernel", "uninstall"); code != exitOK {
		t.Fatal(stderr)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

func TestQuote(t *testing.T) {
	for path, want := range map[string]string{"/a/b": "/a/b", "/a b": "'/a b'", "/it's": `'/it'\''s'`} {
		if got := quote(path); got != want {
			t.Errorf("quote(%s) = %s", path, got)
		}
	}
}
