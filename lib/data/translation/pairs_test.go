package translation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadTSV(t *testing.T) {
	pairs, err := ReadTSV(strings.NewReader("\ufeffone\tодин\tmore\r\n\n  two \tдва\nempty\t\n"))
	if err != nil || !slices.Equal(pairs, []Pair{{"one", "один"}, {"two", "два"}}) {
		t.Errorf("got %v, %v", pairs, err)
	}
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
		{"not UTF-8", "one\t\xff\n", "line 1 is not UTF-8"},
		{"endless line", strings.Repeat("x", maxLine+1), "line 1"},
	} {
		if _, err := ReadTSV(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
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
