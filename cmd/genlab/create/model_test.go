package create

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scratch is a checkout with nothing in it but the list of models.
func scratch(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	list, err := os.ReadFile(filepath.Join(root, models))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, models)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, models), list, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestNewModel lays a model out in a scratch checkout, which lies over this one for the compiler: one line changes outside the model's
// folder, its tests pass as made, and every verb knows it.
func TestNewModel(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	checkout := scratch(t, root)
	dir, err := newModel(checkout, "probe")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(filepath.Join(root, models))
	after, _ := os.ReadFile(filepath.Join(checkout, models))
	if strings.Count(string(after), "\n") != strings.Count(string(before), "\n")+1 ||
		strings.Replace(string(after), "\t_ \"genlab/lib/models/probe/command\"\n", "", 1) != string(before) {
		t.Errorf("%s became\n%s", models, after)
	}

	replace := map[string]string{}
	err = filepath.WalkDir(checkout, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(checkout, path)
		if inside := strings.HasPrefix(path, dir); err == nil && !d.IsDir() && !inside && rel != filepath.FromSlash(models) {
			t.Errorf("%s was written, too", rel)
		}
		if err == nil && strings.HasSuffix(path, ".go") {
			replace[filepath.Join(root, rel)] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	overlay := filepath.Join(bin, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(folder string, command ...string) string {
		t.Helper()
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
		}
		return string(out)
	}
	tests, genlab := filepath.Join(bin, "probe.test"), filepath.Join(bin, "genlab")
	run(root, "go", "test", "-c", "-vet=off", "-o", tests, "-overlay", overlay, "genlab/lib/models/probe") // vet knows no overlay
	if out := run(dir, tests, "-test.v"); strings.Count(out, "\n--- PASS") < 4 {
		t.Errorf("the model's own tests:\n%s", out)
	}
	run(root, "go", "build", "-o", genlab, "-overlay", overlay, "genlab/cmd/genlab")

	parity := func(name string, more ...string) []string {
		folder := filepath.Join(dir, "testdata/parity", name)
		return append(more, "--model", "probe", "--weights", filepath.Join(folder, "weights.safetensors"), "--inputs", filepath.Join(folder, "inputs.safetensors"),
			"--out", filepath.Join(bin, "out.safetensors"), "--config")
	}
	const sizes = `{"input_dim": 9, "hidden_dim": 4}`
	made := filepath.Join(bin, "run")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"models"}, "probe"},
		{[]string{"describe", "probe"}, "(encoder): Linear(in_features=784, out_features=32, bias=True)"},
		{append(parity("probe", "forward"), sizes), ""},
		{append(parity("probe-steps", "step"), sizes), ""},
		{[]string{"convert", filepath.Join(dir, "testdata/parity/probe/weights.safetensors"), filepath.Join(bin, "w.safetensors"), "--model", "probe", "--config", sizes}, ""},
		{[]string{"bench", "probe", "--set", "batch=2,input=9,hidden=4", "--rounds", "1"}, "ms a step"},
		{[]string{"train", "probe", "--preset", "tiny", "--epochs", "1", "--batch", "2000", "--run", made}, "next: genlab sample probe"},
		{[]string{"sample", "probe", "--run", made, "-n", "4", "--out", filepath.Join(bin, "out.png")}, "picture: "},
	} {
		if out := run(dir, append([]string{genlab}, c.args...)...); !strings.Contains(out, c.want) {
			t.Errorf("genlab %s prints %s", strings.Join(c.args, " "), out)
		}
	}
}

func TestNewModelRefusals(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	checkout := scratch(t, root)
	if _, err := newModel(checkout, "probe"); err != nil {
		t.Fatal(err)
	}
	if _, err := newModel(checkout, "probe"); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a model was laid out over another: %v", err)
	}
	for _, bad := range []string{"", "Probe", "a-b", "../x", "func", "1a"} {
		if _, err := newModel(checkout, bad); err == nil {
			t.Errorf("%q was taken for a name", bad)
		}
	}
	if _, err := newModel(t.TempDir(), "probe"); err == nil {
		t.Error("a model joined a list that isn't there")
	}
}

// TestOutside holds that who stands outside a checkout gets nothing laid out, least of all in the checkout that the command was built from.
func TestOutside(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("go.mod", []byte("module example.com/own\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := New()
	cmd.SetArgs([]string{"model", "probe"})
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "lies in no checkout of genlab") {
		t.Errorf("want an error that says why not, got %v", err)
	}
}
