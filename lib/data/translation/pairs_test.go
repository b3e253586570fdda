package translation

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestReadTSV(t *testing.T) {
	pairs, err := ReadTSV(strings.NewReader("\ufeffone\tодин\tmore\r\n\n  two \tдва\nempty\t\n"))
	if err != nil || !slices.Equal(pairs, []Pair{{"one", "один"}, {"two", "два"}}) {
		t.Errorf("got %v, %v", pairs, err)
	}
}

// lines makes n lines of columns; # is a number that rises, $ one that doesn't, E and D are texts.
func lines(n int, columns string) string {
	english, german := strings.Fields("one two three four five six"), strings.Fields("eins zwei drei vier fünf sechs")
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.NewReplacer("#", strconv.Itoa(1200+7*i), "$", strconv.Itoa(i*i%17), "E", english[i%6], "D", german[i%6]).Replace(columns) + "\n")
	}
	return out.String()
}

// many makes n lines of a number in no order and a sentence of many words.
func many(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "%d\tword%d and word%d\n", 1000+i*37%n, i, i/2)
	}
	return out.String()
}

// Columns are looked at: texts are what is learnt.
func TestColumns(t *testing.T) {
	want := []Pair{{"one", "eins"}, {"two", "zwei"}, {"three", "drei"}, {"four", "vier"}, {"five", "fünf"}, {"six", "sechs"}}
	six := lines(6, "E\tD")
	for name, text := range map[string]string{
		"two columns":                six,
		"ids":                        lines(6, "#\tE\t#\tD"),
		"an id":                      lines(6, "#\tE\tD"),
		"an id behind":               lines(6, "E\tD\t#"),
		"ids of letters":             lines(6, "s#\tE\tsent_#\tD"),
		"scores":                     lines(6, "$\tE\tD"),
		"languages":                  lines(6, "eng\tE\tdeu\tD"),
		"ids and languages":          lines(6, "#\teng\tE\t#\tdeu\tD\tCC-BY"),
		"an attribution":             lines(6, "E\tD\tCC-BY 2.0 (France) Attribution: tatoeba.org ##$"),
		"a header":                   "English\tGerman\n" + six,
		"a header over ids":          "id\tsentence\tid\ttranslation\n" + lines(6, "#\tE\t#\tD"),
		"an unknown header over ids": "Nummer\tSatz\tNummer2\tÜbersetzung\n" + lines(6, "#\tE\t#\tD"),
		"carriage returns":           strings.ReplaceAll(six, "\n", "\r"),
		"both":                       strings.ReplaceAll(six, "\n", "\r\n"),
		"UTF-16":                     sixteen("\ufeff" + six),
		"blanks and a mark":          "\ufeff\n \n" + six,
	} {
		if pairs, err := ReadTSV(strings.NewReader(text)); err != nil || !slices.Equal(pairs, want) {
			t.Errorf("%s: %v, %v", name, pairs, err)
		}
	}
	// Numbers in words are pairs too.
	if pairs, err := ReadTSV(strings.NewReader(lines(20, "$\tE"))); err != nil || len(pairs) != 20 || pairs[1] != (Pair{"1", "two"}) {
		t.Errorf("numbers and words: %v, %v", pairs, err)
	}
}

func sixteen(text string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// A source is learnt or measured, never both, however often it comes.
func TestSplit(t *testing.T) {
	var pairs []Pair
	for i := range 400 {
		pairs = append(pairs, Pair{strconv.Itoa(i % 130), strconv.Itoa(i)}, Pair{strconv.Itoa(i % 130), "again"})
	}
	learn, held := Split(pairs, 50)
	if len(held) != 2 || held[0].Source != "49" || held[1].Source != "99" || len(learn) != 788 {
		t.Errorf("%d learnt, held out %v", len(learn), held)
	}
	for _, h := range held {
		if slices.ContainsFunc(learn, func(p Pair) bool { return p.Source == h.Source }) {
			t.Errorf("%v is learnt and held out", h)
		}
	}
}

func FuzzReadTSV(f *testing.F) {
	for _, seed := range []string{"one\teins\n", lines(6, "#\tE\t#\tD"), "\ufeffid\ten\tde\r1\ta\tb\r", sixteen("a\tb\n"), "a\tb\tc\n\td\n", "\t\n", "1\t2\n3\t4\n5\t6\n7\t8\n9\t10\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := ReadTSV(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, p := range pairs {
			if p.Source == "" || p.Target == "" || strings.ContainsAny(p.Source+p.Target, "\t\n") || !utf8.ValidString(p.Source+p.Target) {
				t.Fatalf("pair %q", p)
			}
		}
		learn, held := Split(pairs, 3)
		if len(learn)+len(held) > len(pairs) || len(learn)+len(held) == 0 {
			t.Fatalf("%d pairs become %d and %d", len(pairs), len(learn), len(held))
		}
	})
}

func TestReadParallel(t *testing.T) {
	pairs, err := ReadParallel(strings.NewReader("one\n\nthree\n"), strings.NewReader("eins\nzwei\ndrei\n"))
	if err != nil || !slices.Equal(pairs, []Pair{{"one", "eins"}, {"three", "drei"}}) {
		t.Errorf("got %v, %v", pairs, err)
	}
}

func TestBadPairs(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no tab", "one\tодин\ntwo\n", "line 2 has no tab"},
		{"empty", "\n\n", "no pair"},
		{"ids and one text", lines(9, "#\tE"), "column 1 numbers that rise from line to line, column 2 texts"},
		{"ids of letters and one text", lines(9, "s$\tE"), "column 1 identifiers"},
		{"unordered ids and one text", many(400), "column 1 identifiers"},
		{"ids alone", lines(9, "#\t$\t#"), "a pair needs two columns of texts"},
		{"one text of three columns", lines(9, "#\tE\tCC-BY"), "column 3 one value"},
		{"no second text", lines(9, "E\t"), "column 2 nothing"},
		{"a short line", lines(9, "#\tE\tD") + "1\tone\n", "line 10 has 2 columns, and the texts are in columns 2 and 3"},
		{"not UTF-8", "one\t\xff\n", "line 1, character 5 is 0xff, which is no UTF-8"},
		{"endless line", strings.Repeat("x", maxLine+1), "line 1"},
	} {
		if _, err := ReadTSV(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
	for name, c := range map[string]struct{ source, target, want string }{
		"ids":            {lines(9, "#"), lines(9, "D"), "reading the source: its lines are numbers that rise"},
		"columns":        {lines(9, "E"), lines(9, "#\tD"), "reading the target: its lines have columns"},
		"three and none": {"", "", "no pair"},
	} {
		if _, err := ReadParallel(strings.NewReader(c.source), strings.NewReader(c.target)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", name, c.want, err)
		}
	}
	if _, err := ReadParallel(strings.NewReader("a\nb\n"), strings.NewReader("a\n")); err == nil || !strings.Contains(err.Error(), "2 lines and the target 1") {
		t.Errorf("unequal files: got %v", err)
	}
	path := filepath.Join(t.TempDir(), "pairs.tsv")
	if _, err := Load(path, ""); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a missing file: got %v", err)
	}
	if err := os.WriteFile(path, []byte("a\tb\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if pairs, err := Load(path, ""); err != nil || len(pairs) != 1 {
		t.Errorf("got %v, %v", pairs, err)
	}
}

func TestBatches(t *testing.T) {
	var pairs []Encoded
	long := func(n int, first int32) []int32 {
		text := make([]int32, n)
		for i := range text {
			text[i] = first + int32(i)
		}
		return text
	}
	for i := range 50 {
		pairs = append(pairs, Encoded{long(1+i%20, int32(10*i+4)), long(1+i%7, int32(10*i+4))})
	}
	pairs = append(pairs, Encoded{long(40, 4), long(2, 4)}, Encoded{nil, long(2, 4)})
	b, err := NewBatches(pairs, BatchConfig{Tokens: 64, Round: 8, MaxLength: 32, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if b.LeftOut() != 2 {
		t.Errorf("%d pairs are left out, of 2", b.LeftOut())
	}
	orders := map[string]bool{}
	for epoch := range 2 {
		seen := map[int32]int{}
		order := ""
		for step := range b.Steps() {
			batch, err := b.Batch(epoch, step)
			if err != nil {
				t.Fatal(err)
			}
			source, target, labels := batch[0].Value().([][]int32), batch[1].Value().([][]int32), batch[2].Value().([][]int32)
			if rows, length := len(source), len(source[0]); rows*length > 64 || length%8 != 0 {
				t.Fatalf("a batch of %d texts of %d tokens", rows, length)
			}
			for i, row := range source {
				if row[0] == Pad {
					continue // a row that fills the batch
				}
				seen[row[0]]++
				order += string(row[0])
				end := slices.Index(labels[i], End)
				if target[i][0] != Begin || !slices.Equal(target[i][1:end+1], labels[i][:end]) || slices.Index(row, End) < 0 {
					t.Fatalf("source %v, target %v, labels %v", row, target[i], labels[i])
				}
			}
		}
		if len(seen) != 50 {
			t.Errorf("epoch %d has %d of 50 pairs", epoch, len(seen))
		}
		for first, n := range seen {
			if n != 1 {
				t.Errorf("the pair of %d comes %d times", first, n)
			}
		}
		orders[order] = true
	}
	if len(orders) != 2 {
		t.Error("two epochs have one order")
	}
}

func TestBatchRefusals(t *testing.T) {
	one := []Encoded{{[]int32{4}, []int32{4}}}
	for _, c := range []struct {
		name, want string
		pairs      []Encoded
		config     BatchConfig
	}{
		{"too small", "must hold a text of max length", one, BatchConfig{Tokens: 10}},
		{"no pair", "no pair is left", nil, BatchConfig{Tokens: 512}},
		{"round", "round must be", one, BatchConfig{Tokens: 512, Round: 300}},
	} {
		if _, err := NewBatches(c.pairs, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
}
