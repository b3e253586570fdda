package text_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/text"
	"genlab/lib/train"
)

var (
	_ train.Dataset = (*text.Windows)(nil)
	_ train.Dataset = (*text.Lanes)(nil)
)

func TestOpticks(t *testing.T) {
	path, err := text.Opticks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.Load(path, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	// As Python counts: len(s), len(set(s)), int(0.9 * len(s)).
	if n := len(c.Train) + len(c.Validation); n != 567038 || c.Vocab.Len() != 91 || len(c.Train) != 510334 {
		t.Errorf("%d characters, %d distinct, %d to train; want 567038, 91, 510334", n, c.Vocab.Len(), len(c.Train))
	}
	t.Setenv("GOROOT", t.TempDir())
	if _, err := text.Opticks(t.Context()); err == nil || !strings.Contains(err.Error(), "name a file of your own") {
		t.Errorf("a Go without the text gives %v", err)
	}
}

func TestVocab(t *testing.T) {
	c, err := text.New("\ufeffмама\nмыла", 0.5)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Vocab.String(); got != "\nалмы" {
		t.Errorf("vocabulary %q", got)
	}
	if !slices.Equal(c.Train, []int32{3, 1, 3, 1}) || !slices.Equal(c.Validation, []int32{0, 3, 4, 2, 1}) {
		t.Errorf("train %v, validation %v", c.Train, c.Validation)
	}
	again := text.NewVocab(c.Vocab.String())
	if s, err := again.Decode(c.Validation); err != nil || s != "\nмыла" {
		t.Errorf("decoded %q, %v", s, err)
	}
	if _, err := again.Encode("ма\nмё"); err == nil || !strings.Contains(err.Error(), "line 2, character 2 is 'ё'") {
		t.Errorf("an unknown character gives %v", err)
	}
	if _, err := again.Decode([]int32{0, 5}); err == nil || !strings.Contains(err.Error(), "token 1 is 5") {
		t.Errorf("an unknown token gives %v", err)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		train      float64
		want       string
	}{
		{"bytes", "good\nnot \xff good\xfe", 0.9, "byte 9 (line 2, character 5) is 0xff, which is no UTF-8, and so are 1 more"},
		{"empty", "", 0.9, "empty"},
		{"share", "abc", 1.5, "share is 1.5"},
	} {
		if _, err := text.New(c.text, c.train); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q in it", c.name, err, c.want)
		}
	}
	// A replacement character that stands in the text is a character like others.
	if _, err := text.New("a\ufffdb", 1); err != nil {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "bad.txt")
	if err := os.WriteFile(path, []byte("\x80"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := text.Load(path, 0.9); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("the error %v doesn't name the file", err)
	}
	few := make([]int32, 10)
	for _, c := range []struct {
		cfg  text.BatchConfig
		want string
	}{
		{text.BatchConfig{Size: 0, Length: 2}, "Size 0"},
		{text.BatchConfig{Size: 4, Length: 10}, "10 tokens are too few"},
	} {
		if _, err := text.NewWindows(few, c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v; want %q in it", c.cfg, err, c.want)
		}
		if _, err := text.NewLanes(few, c.cfg); err == nil {
			t.Errorf("%+v: lanes without an error", c.cfg)
		}
	}
	if _, err := text.NewLanes(few, text.BatchConfig{Size: 1, Length: 3, Steps: 4}); err == nil || !strings.Contains(err.Error(), "give 3 batches") {
		t.Errorf("too many steps give %v", err)
	}
}

// count makes the tokens 0, 1, 2, …, so that a window shows where it lies.
func count(n int) []int32 {
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32(i)
	}
	return tokens
}

func flat(t *testing.T, x *tensors.Tensor, rows, columns int) []int32 {
	t.Helper()
	if d := x.Shape().Dimensions; !slices.Equal(d, []int{rows, columns}) {
		t.Fatalf("shape %v, want [%d %d]", d, rows, columns)
	}
	out, err := tensors.CopyFlatData[int32](x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWindows(t *testing.T) {
	w, err := text.NewWindows(count(101), text.BatchConfig{Size: 5, Length: 4, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if w.Steps() != 5 {
		t.Errorf("%d steps, want 5", w.Steps())
	}
	read := func(epoch, step int) (x, y []int32) {
		b, err := w.Batch(epoch, step)
		if err != nil {
			t.Fatal(err)
		}
		return flat(t, b[0], 5, 4), flat(t, b[1], 5, 4)
	}
	x, y := read(1, 2)
	for i := range x {
		if y[i] != x[i]+1 || i%4 > 0 && x[i] != x[i-1]+1 {
			t.Fatalf("x %v, y %v", x, y)
		}
	}
	if again, _ := read(1, 2); !slices.Equal(x, again) {
		t.Error("the same place gives another batch")
	}
	if other, _ := read(1, 3); slices.Equal(x, other) {
		t.Error("another step gives the same batch")
	}
	if other, _ := read(2, 2); slices.Equal(x, other) {
		t.Error("another epoch gives the same batch")
	}
	// Every start occurs, the last one too: token 96 begins the last window that has a next token.
	seen := map[int32]bool{}
	for epoch := range 200 {
		x, _ := read(epoch, 0)
		for i := 0; i < len(x); i += 4 {
			seen[x[i]] = true
		}
	}
	if len(seen) != 97 || !seen[0] || !seen[96] {
		t.Errorf("%d starts occur, want 97", len(seen))
	}
	if _, err := w.Batch(0, 5); err == nil {
		t.Error("a step beyond the last gives no error")
	}
}

func TestLanes(t *testing.T) {
	l, err := text.NewLanes(count(23), text.BatchConfig{Size: 2, Length: 3})
	if err != nil {
		t.Fatal(err)
	}
	if l.Steps() != 3 {
		t.Fatalf("%d steps, want 3", l.Steps())
	}
	for step, want := range [][]int32{{0, 1, 2, 11, 12, 13}, {3, 4, 5, 14, 15, 16}, {6, 7, 8, 17, 18, 19}} {
		b, err := l.Batch(4, step)
		if err != nil {
			t.Fatal(err)
		}
		x, y := flat(t, b[0], 2, 3), flat(t, b[1], 2, 3)
		if !slices.Equal(x, want) || y[0] != want[0]+1 || y[5] != want[5]+1 {
			t.Errorf("step %d: x %v, y %v; want x %v", step, x, y, want)
		}
	}
	if _, err := l.Batch(0, 3); err == nil {
		t.Error("a step beyond the last gives no error")
	}
}
