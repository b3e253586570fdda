package text

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// One text as other programs write it.
func TestLoadFiles(t *testing.T) {
	const want = "Größe\nand more\n"
	var wide []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + want)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	path := filepath.Join(t.TempDir(), "text")
	for name, text := range map[string]string{
		"plain": want, "a mark": "\ufeff" + want, "UTF-16": string(wide), "carriage returns": strings.ReplaceAll(want, "\n", "\r"),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := c.Vocab.Decode(c.Train); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for text, want := range map[string]string{"PK\x03\x04": "ZIP archive", "a\x00b": "zero byte", "a\xff": "no UTF-8"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

func TestRepeated(t *testing.T) {
	const a, b, c = "the first line of them all\n", "another line that is long\n", "a third line, held out alone\n"
	for held, want := range map[string]float64{a + c: 0.5, a + b: 1, c: 0, "short\n": 0, "": 0, a + " " + a + c + "short\n" + c: 0.5} {
		if got := Repeated(a+b+"short\n", held); got != want {
			t.Errorf("%q: %v repeated, want %v", held, got, want)
		}
	}
	corpus, err := New(strings.Repeat("ääää these very lines again\n", 20), 0.5)
	if err != nil || corpus.Repeated != 1 {
		t.Errorf("a text of one line: %v, %v", corpus.Repeated, err)
	}
}

func FuzzNew(f *testing.F) {
	for _, seed := range []string{"a", "Größe\n", "\ufeff", "\ufeffa", "\xff", "a\r\nb", "\ufffd"} {
		f.Add(seed, 0.9)
	}
	f.Fuzz(func(t *testing.T, text string, share float64) {
		c, err := New(text, share)
		if err != nil {
			return
		}
		all := append(append([]int32{}, c.Train...), c.Validation...)
		if got, err := c.Vocab.Decode(all); err != nil || got != strings.TrimPrefix(text, "\ufeff") {
			t.Fatalf("%q becomes %q, %v", text, got, err)
		}
		if again := NewVocab(c.Vocab.String()); again.String() != c.Vocab.String() {
			t.Fatalf("the vocabulary %q becomes %q", c.Vocab, again)
		}
	})
}
