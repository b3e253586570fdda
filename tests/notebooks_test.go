package tests

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	cyrillicName = regexp.MustCompile(`(?m)^\*\p{Cyrillic}?[^*]*\p{Cyrillic}[^*]*\*$`)
	wayOn        = regexp.MustCompile(`\]\([0-9a-z_]+\.ipynb\)`)
	twoToTry     = regexp.MustCompile(`(?s)^## Try\n\n- .*\n- `)
)

// notebook is what the tests look at.
type notebook struct {
	Cells []struct {
		Type     string   `json:"cell_type"`
		Source   []string `json:"source"`
		Metadata struct{ Tags []string }
	} `json:"cells"`
	Metadata struct {
		Kernelspec struct{ Name string } `json:"kernelspec"`
	} `json:"metadata"`
}

// readNotebook gives a notebook and the text of its file.
func readNotebook(t *testing.T, path string) (nb notebook, text []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &nb)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return nb, text
}

// TestNotebooks holds each notebook to the house's one look: its kernel, an English title with the article's Russian name, two things to
// try and the way on at its end, its line in the index, below a megabyte, and links that lead somewhere.
func TestNotebooks(t *testing.T) {
	paths, err := filepath.Glob("../notebooks/*.ipynb")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d notebooks, %v", len(paths), err)
	}
	index, err := os.ReadFile("../notebooks/index.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasSuffix(name, ".ru.ipynb") {
			continue // made of it by cmd/russian
		}
		nb, text := readNotebook(t, path)
		first := strings.Join(nb.Cells[0].Source, "")
		last := strings.Join(nb.Cells[len(nb.Cells)-1].Source, "")
		if name == "index.ipynb" {
			last = last[max(0, strings.Index(last, "## Try")):]
		}
		for what, ok := range map[string]bool{
			"its kernel is genlab":                         nb.Metadata.Kernelspec.Name == "genlab",
			"it is below 1 MB":                             len(text) < 1<<20,
			"its title has the Russian name below it":      strings.HasPrefix(first, "# ") && cyrillicName.MatchString(first),
			"it ends with ## Try and two things to try":    twoToTry.MatchString(last),
			"it ends with the way on, to another notebook": wayOn.MatchString(last),
			"the index has it":                             strings.Contains(string(index), "("+name+")") || name == "index.ipynb",
		} {
			if !ok {
				t.Errorf("%s: not so: %s", name, what)
			}
		}
		for _, link := range wayOn.FindAllString(string(text), -1) {
			if _, err := os.Stat(filepath.Join("../notebooks", strings.Trim(link, "]()"))); err != nil {
				t.Errorf("%s: its link %s leads nowhere", name, link)
			}
		}
	}
}

// TestOwnModelIsShort: the notebook that builds a model from nothing is to stay under 60 lines of code, imports and the exercises' solutions aside.
func TestOwnModelIsShort(t *testing.T) {
	nb, _ := readNotebook(t, "../notebooks/11_your_own_model.ipynb")
	lines, imports := 0, false
	for _, c := range nb.Cells {
		if slices.Contains(c.Metadata.Tags, "solution") {
			continue
		}
		for _, line := range c.Source {
			line = strings.TrimSpace(line)
			imports = imports && line != ")" || line == "import ("
			if c.Type == "code" && !imports && line != "" && line != ")" && line != "%%" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
	}
	if lines == 0 || lines >= 60 {
		t.Errorf("%d lines of code, want fewer than 60", lines)
	}
}
