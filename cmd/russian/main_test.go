package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const english = `{"cells": [
 {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Points\n", "See ` + "`Open`" + ` and [on](01_gan.ipynb)."]},
 {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1.50 <b>\n"]}], "source": ["f()"]},
 {"cell_type": "markdown", "id": "c", "metadata": {}, "source": ["The end."]}
], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`

// TestEdition follows a text from nothing to a notebook, and back to stale as its English changes.
func TestEdition(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "notebooks/x.ipynb", english)
	if list := must(run("notebooks", "notebooks", true, false))(t); len(list) > 0 {
		t.Errorf("an edition that isn't begun fails the check: %q", list)
	}
	list := must(run("notebooks", "notebooks", false, true))(t)
	if want := []string{"notebooks/ru/x.md: cell a is missing: # Points", "notebooks/ru/x.md: cell c is missing: The end."}; !slices.Equal(list, want) {
		t.Fatalf("with no text: %q", list)
	}

	write(t, "notebooks/ru/x.md", "<!-- cell a -->\n# Точки\nСм. `Open`, [дальше](01_gan.ipynb).\n\n<!-- cell c -->\nКонец.\n\n<!-- cell gone -->\nБыло.\n")
	must(run("notebooks", "notebooks", false, true))(t)
	list = must(run("notebooks", "notebooks", true, false))(t)
	if want := []string{"notebooks/ru/x.md: cell gone is no more"}; !slices.Equal(list, want) {
		t.Errorf("stamped: %q", list)
	}

	must(run("notebooks", "notebooks", false, false))(t)
	nb := must(readNotebook("notebooks/x.ru.ipynb"))(t)
	var cells []string
	for cell := range nb.cells() {
		cells = append(cells, source(cell))
	}
	if want := []string{"# Точки\nСм. `Open`, [дальше](01_gan.ru.ipynb).", "f()", "Конец."}; !slices.Equal(cells, want) {
		t.Errorf("the Russian notebook has %q", cells)
	}
	raw := string(must(os.ReadFile("notebooks/x.ru.ipynb"))(t))
	if !strings.Contains(raw, `"1.50 <b>\n"`) {
		t.Errorf("the output isn't as it was: %s", raw)
	}
	if list := must(run("notebooks", "notebooks", true, false))(t); len(list) != 1 {
		t.Errorf("a Russian notebook is taken for an English one: %q", list)
	}

	write(t, "notebooks/x.ipynb", strings.Replace(strings.Replace(english, "The end.", "The end, or not.", 1), "Open", "Train", 1))
	list = must(run("notebooks", "notebooks", true, false))(t)
	if len(list) != 3 || !strings.Contains(list[0], "cell a is stale") || !strings.Contains(list[1], "cell c is stale") {
		t.Errorf("after the English has changed: %q", list)
	}
}

// TestKept: what both languages have alike is missed where a text lacks it.
func TestKept(t *testing.T) {
	var nb notebook
	if err := json.Unmarshal([]byte(english), &nb.file); err != nil {
		t.Fatal(err)
	}
	e := edition{{cell: "a", text: "# Точки\nСм. `Открыть`."}, {cell: "c", text: "Конец."}}
	e.stamp(&nb)
	if list := e.problems(&nb); !slices.Equal(list, []string{"cell a lacks `Open`", "cell a lacks ](01_gan.ipynb)"}) {
		t.Errorf("%q", list)
	}
}

// TestChangedByHand: a Russian notebook that its reader has changed isn't written over; one that shows something stays as long as its cells
// are those that would be made.
func TestChangedByHand(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "notebooks/x.ipynb", english)
	write(t, "notebooks/ru/x.md", "<!-- cell a -->\nОдин.\n")
	must(run("notebooks", "notebooks", false, false))(t)
	raw := string(must(os.ReadFile("notebooks/x.ru.ipynb"))(t))
	mine := strings.Replace(raw, "f()", "g()", 1)
	write(t, "notebooks/x.ru.ipynb", mine)
	write(t, "notebooks/ru/x.md", "<!-- cell a -->\nДва.\n")
	must(run("notebooks", "notebooks", false, false))(t)
	if got := string(must(os.ReadFile("notebooks/x.ru.ipynb"))(t)); got != mine {
		t.Errorf("the reader's change is gone: %s", got)
	}

	write(t, "notebooks/x.ru.ipynb", raw)
	write(t, "notebooks/ru/x.md", "<!-- cell a -->\nОдин.\n")
	shows := strings.Replace(raw, "1.50", "1.25", 1)
	write(t, "notebooks/x.ru.ipynb", shows)
	must(run("notebooks", "notebooks", false, false))(t)
	if got := string(must(os.ReadFile("notebooks/x.ru.ipynb"))(t)); got != shows {
		t.Errorf("what the reader's execution showed is gone: %s", got)
	}
	write(t, "notebooks/ru/x.md", "<!-- cell a -->\nДва.\n")
	must(run("notebooks", "notebooks", false, false))(t)
	if got := string(must(os.ReadFile("notebooks/x.ru.ipynb"))(t)); !strings.Contains(got, "Два.") {
		t.Errorf("a notebook that nobody changed isn't renewed: %s", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for raw, want := range map[string]string{
		"":     "must begin with",
		"text": "must begin with",
		"<!-- cell a -->\nx\n<!-- cell a -->\ny\n": "cell a stands twice",
	} {
		if _, err := parse(raw); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", raw, err, want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
