package wordpiece

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// cases are what tokenizers' BertWordPieceTokenizer gives; the files say by which version.
type cases struct {
	Vocab []string
	Runs  []struct {
		Options Options
		Cases   []struct {
			Text    string
			Pair    *string
			Tokens  []string
			IDs     []int32 `json:"ids"`
			Types   []int32 `json:"type_ids"`
			Offsets [][2]int
			Decoded string
		}
	}
}

func readCases(t *testing.T, file string) cases {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var c cases
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSeveralGoroutines holds what Tokenizer promises; make race looks on.
func TestSeveralGoroutines(t *testing.T) {
	c := readCases(t, "bert-wordpiece.json")
	tok, err := New(c.Vocab, c.Runs[0].Options)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, one := range c.Runs[0].Cases {
				if got := tok.One(one.Text, 0).IDs(); one.Pair == nil && !slices.Equal(got, one.IDs) {
					t.Errorf("%q is %v, by tokenizers %v", one.Text, got, one.IDs)
				}
			}
		})
	}
	all.Wait()
}

func TestTokenizers(t *testing.T) {
	for _, file := range []string{"bert-wordpiece.json", "scripts.json"} {
		t.Run(file, func(t *testing.T) { readCases(t, file).check(t) })
	}
}

func (all cases) check(t *testing.T) {
	for _, run := range all.Runs {
		tok, err := New(all.Vocab, run.Options)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range run.Cases {
			e, texts := tok.One(c.Text, 0), []string{c.Text}
			if c.Pair != nil {
				e, texts = tok.Two(c.Text, *c.Pair), append(texts, *c.Pair)
			}
			if !slices.Equal(e.IDs(), c.IDs) || !slices.Equal(e.Types, c.Types) {
				t.Errorf("%+v: %q is %v of %v, tokenizers has %v of %v", run.Options, texts, e.IDs(), e.Types, c.IDs, c.Types)
				continue
			}
			for i, p := range e.Pieces {
				text := texts[e.Types[i]]
				got := [2]int{utf8.RuneCountInString(text[:p.First]), utf8.RuneCountInString(text[:p.After])}
				if got != c.Offsets[i] {
					t.Errorf("%+v: piece %d of %q, %s, stands at %v, tokenizers has %v", run.Options, i, texts, tok.Text(p.ID), got, c.Offsets[i])
				}
			}
			if decoded, err := tok.Decode(e.IDs()); err != nil || decoded != c.Decoded {
				t.Errorf("%+v: %q comes back as %q, tokenizers has %q: %v", run.Options, texts, decoded, c.Decoded, err)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	tok, err := New(readCases(t, "bert-wordpiece.json").Vocab, Options{Lowercase: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := tok.Save(dir); err != nil {
		t.Fatal(err)
	}
	back, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	back.Options.Clean = false // no file has it
	if back.Options != tok.Options || !slices.Equal(back.pieces, tok.pieces) {
		t.Errorf("%+v came back as %+v", tok.Options, back.Options)
	}
	if err := os.Remove(dir + "/" + configFile); err != nil {
		t.Fatal(err)
	}
	if cased, err := Open(dir); err != nil || cased.Options.Lowercase {
		t.Errorf("a vocabulary with capitals opens as %+v, %v", cased, err)
	}
}

func TestWindows(t *testing.T) {
	tok, err := New(readCases(t, "bert-wordpiece.json").Vocab, Uncased())
	if err != nil {
		t.Fatal(err)
	}
	passage := "the quick brown fox over the lazy dog . the fox"
	list, err := tok.Windows("the fox ?", passage, 10, 2) // room for 4 of 11 pieces
	if err != nil {
		t.Fatal(err)
	}
	var begins []string
	for _, w := range list {
		p := w.Pieces[w.Passage]
		begins = append(begins, passage[p.First:p.After])
	}
	if got := strings.Join(begins, " "); got != "the brown over lazy ." {
		t.Errorf("windows begin at %s", got)
	}
	for _, c := range [][2]int{{6, 1}, {10, 0}, {10, 5}} {
		if _, err := tok.Windows("the fox ?", passage, c[0], c[1]); err == nil {
			t.Errorf("windows of %d with a stride of %d", c[0], c[1])
		}
	}
}

func TestRefusals(t *testing.T) {
	for want, vocab := range map[string][]string{
		"stands twice":  {"[PAD]", "a", "a"},
		"has no [MASK]": {"[PAD]", "[UNK]", "[CLS]", "[SEP]"},
	} {
		if _, err := New(vocab, Uncased()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", vocab, err)
		}
	}
	tok, err := New(readCases(t, "bert-wordpiece.json").Vocab, Uncased())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tok.Decode([]int32{1 << 20}); err == nil {
		t.Error("decoded a piece that there isn't")
	}
	if _, err := tok.Encode("\xff"); err == nil {
		t.Error("encoded what isn't UTF-8")
	}
}
