package digits

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/mnist"
)

func TestCaptions(t *testing.T) {
	for _, c := range []struct {
		numbers          Numbers
		english, russian string
	}{
		{Numbers{{7, 3}, {2, 1}}, "three sevens and a two", "три семёрки и двойка"},
		{Numbers{{8, 1}}, "an eight", "восьмёрка"},
		{Numbers{{6, 2}, {1, 2}}, "two sixes and two ones", "две шестёрки и две единицы"},
		{Numbers{{0, 4}}, "four zeros", "четыре ноля"},
		{Numbers{{0, 1}, {1, 1}}, "a zero and a one", "ноль и единица"},
	} {
		if c.numbers.English() != c.english || c.numbers.Russian() != c.russian {
			t.Errorf("%v: %q, %q", c.numbers, c.numbers.English(), c.numbers.Russian())
		}
	}
}

// TestBatch wants digits where the caption has them, and the same ones for the same step.
func TestBatch(t *testing.T) {
	data, err := mnist.Load(mnist.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b := Batches{Digits: data.Test, Pixels: 32, Size: 6, Each: 2, Seed: 1, Texts: true}
	first, err := b.Batch(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Batch(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		if !first[i].Equal(again[i]) {
			t.Error("the same step gives another batch")
		}
	}
	flat := tensors.MustCopyFlatData[float32](first[1])
	for i := range b.Size { // there is always a first digit
		ink := float32(0)
		for y := range 16 {
			for x := range 16 {
				ink += flat[((i*32+y)*32+x)*3]
			}
		}
		if ink < 5 {
			t.Errorf("picture %d has no first digit", i)
		}
	}
	b.Pixels = 7
	if _, err := b.Batch(0, 0); err == nil {
		t.Error("an odd size should be refused")
	}
}
