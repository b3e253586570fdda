package audio

import (
	"slices"
	"strings"
	"testing"
)

// sounds are two recordings, of 5 and 2 samples.
func sounds() []Recording {
	return []Recording{
		{Name: "7_ann_0.wav", Rate: 8000, Samples: []float32{0.1, 0.2, 0.3, 0.4, 0.5}, Digit: "7", Speaker: "ann"},
		{Name: "3_bob_0.wav", Rate: 8000, Samples: []float32{-0.1, -0.2}, Digit: "3", Speaker: "bob"},
	}
}

// TestPieces wants each code of each recording predicted once, and windows of nothing at the end.
func TestPieces(t *testing.T) {
	w, err := NewWindows(sounds(), WindowConfig{Size: 3, Length: 3, Classes: 256, Speakers: []string{"ann", "bob"}, Digits: []string{"3", "7"}})
	if err != nil {
		t.Fatal(err)
	}
	if w.Steps() != 2 {
		t.Fatalf("%d steps", w.Steps())
	}
	predicted := map[int32]int{}
	for step := range 2 {
		batch, err := w.Batch(0, step)
		if err != nil {
			t.Fatal(err)
		}
		x, told := batch[0].Value().([][]int32), batch[1].Value().([][]float32)
		for i, row := range x {
			for _, code := range row[1:] {
				predicted[code]++
			}
			if first := []float32{1, 0, 0, 1}; step == 0 && !slices.Equal(told[i], first) {
				t.Errorf("window %d is told %v", i, told[i])
			}
		}
		if step == 0 && (x[0][0] != 128 || x[1][0] != x[0][2] || x[2][2] != -1) {
			t.Errorf("the first batch is %v", x)
		}
		if step == 1 && (!slices.Equal(told[0], []float32{0, 1, 1, 0}) || !slices.Equal(x[1], []int32{-1, -1, -1})) {
			t.Errorf("the last batch is %v, told %v", x, told)
		}
	}
	for _, r := range sounds() {
		for _, x := range r.Samples {
			if n := predicted[MuLaw(x, 256)]; n != 1 {
				t.Errorf("%g is predicted %d times", x, n)
			}
		}
	}
}

// TestShuffled wants each recording once an epoch, in an order that the epoch changes and a second asking doesn't.
func TestShuffled(t *testing.T) {
	w, err := NewWindows(Made(2), WindowConfig{Size: 8, Length: 100, Classes: 256, Seed: 1, Shuffle: true})
	if err != nil {
		t.Fatal(err)
	}
	if w.Steps() != 5 {
		t.Fatalf("%d steps", w.Steps())
	}
	of := func(epoch, step int) [][]int32 {
		batch, err := w.Batch(epoch, step)
		if err != nil || len(batch) != 1 {
			t.Fatal(len(batch), err)
		}
		return batch[0].Value().([][]int32)
	}
	if !slices.EqualFunc(of(0, 1), of(0, 1), slices.Equal) || slices.EqualFunc(of(0, 1), of(1, 1), slices.Equal) {
		t.Error("the epoch doesn't decide the batch")
	}
	seen := map[int]int{}
	for step := range 5 {
		for _, p := range w.choose(0, step) {
			seen[p.recording]++
		}
	}
	if len(seen) != 40 {
		t.Errorf("an epoch has %d recordings", len(seen))
	}
}

func TestWindowsRefusals(t *testing.T) {
	good := WindowConfig{Size: 1, Length: 3, Classes: 256}
	for want, change := range map[string]func(*WindowConfig){
		"Size 0":                  func(c *WindowConfig) { c.Size = 0 },
		"Length 1":                func(c *WindowConfig) { c.Length = 1 },
		"too few for a batch":     func(c *WindowConfig) { c.Size, c.Shuffle = 3, true },
		`speaker is "bob": it mu`: func(c *WindowConfig) { c.Speakers = []string{"ann"} },
	} {
		c := good
		change(&c)
		if _, err := NewWindows(sounds(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	w, err := NewWindows(sounds(), good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Batch(0, w.Steps()); err == nil {
		t.Error("a batch after the last")
	}
}
