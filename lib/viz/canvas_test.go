package viz

import (
	"testing"

	"golang.org/x/image/font/sfnt"
)

// The labels' font has all of the article's two languages, and what subword vocabularies put before a word.
func TestDrawable(t *testing.T) {
	f, err := sans()
	if err != nil {
		t.Fatal(err)
	}
	var buffer sfnt.Buffer
	for _, r := range drawable("▁Wörter Слова ёЁ αβ") {
		if glyph, err := f.GlyphIndex(&buffer, r); err != nil || glyph == 0 {
			t.Errorf("%q has no glyph: %v", r, err)
		}
	}
}
