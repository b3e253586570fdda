package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWriteNPY(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	if err := writeNPY(path, [][]float32{{1, 2, 3}, {4, 5, 6}}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// NumPy's format: the header ends with a line's end at a multiple of 64.
	header := 10 + int(raw[8]) + int(raw[9])<<8
	if header%64 != 0 || raw[header-1] != '\n' || len(raw) != header+24 || !strings.Contains(string(raw[:header]), "(2, 3)") {
		t.Errorf("header of %d bytes, %d in all: %q", header, len(raw), raw[:header])
	}
}

func TestSplit(t *testing.T) {
	text := "One two.\nThree? \"Four!\" Five\n\n \n Six.\r\n"
	for want, got := range map[string][]string{
		"One two. Three? \"Four!\" Five|Six.": paragraphs(text),
		"One two.|Three?|\"Four!\"|Five|Six.": sentences(text),
		"One two.|Three? \"Four!\" Five|Six.": lines(text),
	} {
		if !slices.Equal(got, strings.Split(want, "|")) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	hits := nearest([]float32{1, 0}, [][]float32{{0, 1}, {0.8, 0.6}, {1, 0}}, 2)
	if len(hits) != 2 || hits[0].at != 2 || hits[1].at != 1 {
		t.Errorf("%+v", hits)
	}
}
