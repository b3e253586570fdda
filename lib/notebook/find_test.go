package notebook

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, c := range []struct{ name, path, first, last string }{
		{"vae.Net.Encode", "lib/models/vae/model.go", "// Encode gives the mean", "}"},
		{"vae.Net", "lib/models/vae/model.go", "// Net is the article's class", "}"},
		{"models/vae.Step", "lib/models/vae/step.go", "// Step makes the graph", "}"},
		{"stylegan/command.Moving", "lib/models/stylegan/command/", "//", "}"},
		{"nn.Softmax", "lib/nn/", "//", "}"},
		{"vae.py:VAE.encode", "lib/models/vae/peer/vae.py", "def encode(self, x):", "    return self.fc2_mean(h), self.fc2_logvar(h)"},
		{"vae.py:loss_function", "lib/models/vae/peer/vae.py", "def loss_function(recon_x", "    return bce + kld"},
	} {
		s, err := find(c.name)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		lines := strings.Split(s.text, "\n")
		if !strings.HasPrefix(s.path, c.path) || !strings.HasPrefix(lines[0], c.first) || lines[len(lines)-1] != c.last {
			t.Errorf("%s: %s\n%s", c.name, s.path, s.text)
		}
		whole, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(strings.Split(string(whole), "\n")[s.line-1]); got != strings.TrimSpace(lines[0]) {
			t.Errorf("%s: line %d of the file is %q", c.name, s.line, got)
		}
	}
}

func TestFindSaysWhatIsNear(t *testing.T) {
	for name, want := range map[string]string{
		"vae.Net.Encod":        "Net.Encode",
		"vea.Net":              "vae",
		"command.Command":      "apart",
		"vae":                  "it must be a name of lib/models/vae",
		"vae.py:VAE.encod":     "VAE.encode",
		"vea.py:VAE":           "vae.py",
		"":                     "it must begin with a package",
		"vae.TestGeneratorFoo": "it must be a name of lib/models/vae",
	} {
		_, err := find(name)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "source is "+strconv.Quote(name)) {
			t.Errorf("%s: %v, want a word of %q", name, err, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"kitten", "sitting", 3}, {"Net", "net", 0}, {"vae", "vea", 2}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
