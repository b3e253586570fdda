package translation

import (
	"math"
	"testing"
)

func TestMemory(t *testing.T) {
	m := NewMemory([]Pair{{"Click the OK button.", "Нажмите кнопку ОК."}, {"Open the file", "Откройте файл"}, {"open The FILE 7!", "другой"}})
	for _, c := range []struct {
		text     string
		place    int
		likeness float64
	}{
		{"Open the file", 1, 1},                    // the first of two that are alike but for case, figures and punctuation
		{"Click the button", 0, 2 * 4.0 / (5 + 7)}, // click, the, button and "click the", of 5 and 7
		{"nothing shared", -1, 0},
		{"", -1, 0},
	} {
		if place, likeness := m.Nearest(c.text); place != c.place || math.Abs(likeness-c.likeness) > 1e-12 {
			t.Errorf("%q: pair %d, likeness %g; want %d, %g", c.text, place, likeness, c.place, c.likeness)
		}
	}
	if got := m.Translate("open a file"); got != "Откройте файл" {
		t.Errorf("translated by memory: %q", got)
	}
	if got := m.Translate("nothing shared"); got != "" {
		t.Errorf("nothing is remembered, and it says %q", got)
	}
}

func TestApart(t *testing.T) {
	learn := []Pair{{"Choose the colour of the line", "Выберите цвет линии"}}
	held := []Pair{
		{"Choose the colour of the lines", "Задайте оттенок"},                     // nearly the same source
		{"Pick a tint for strokes", "выберите цвет линии!"},                       // nearly the same target
		{"Choose the width of a table and its border", "Выберите ширину таблицы"}, // some words in common
	}
	if got := Apart(held, learn, 0.7); len(got) != 1 || got[0] != held[2] {
		t.Errorf("apart are %v", got)
	}
	if got := Apart(held, nil, 0.7); len(got) != 3 {
		t.Errorf("with nothing learned %d of 3 are apart", len(got))
	}
}
