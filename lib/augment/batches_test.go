package augment

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

func TestDraws(t *testing.T) {
	p := lines(8)
	p = p.at(append(p.Of(0), p.Of(1)[:1]...)) // eight of one class, one of the other
	for balanced, want := range map[bool][2]int{true: {400, 600}, false: {30, 220}} {
		d, err := draws(p, 100, 10, balanced, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		scarce := 0
		for step := range d.Steps() {
			batch, err := d.Batch(0, step)
			if err != nil {
				t.Fatal(err)
			}
			if shape := batch[0].Shape().Dimensions; !slices.Equal(shape, []int{100, Size, Size, 1}) {
				t.Fatalf("pictures %v", shape)
			}
			for _, l := range tensors.MustCopyFlatData[int32](batch[1]) {
				scarce += int(l)
			}
		}
		if scarce < want[0] || scarce > want[1] {
			t.Errorf("balanced %v: %d of 1000 pictures are of the scarce class", balanced, scarce)
		}
	}
	d, err := draws(p, 4, 2, true, &Classic{Shift: 0.1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var seen [3][]float32
	for i, at := range [][2]int{{0, 1}, {0, 1}, {1, 1}} {
		batch, err := d.Batch(at[0], at[1])
		if err != nil {
			t.Fatal(err)
		}
		seen[i] = tensors.MustCopyFlatData[float32](batch[0])
	}
	if !slices.Equal(seen[0], seen[1]) || slices.Equal(seen[0], seen[2]) {
		t.Error("a batch is another the second time, or the same in the next epoch")
	}
	p.Classes = 3
	if _, err := draws(p, 1, 1, true, nil, 1); err == nil || !strings.Contains(err.Error(), "class 2 has no pictures") {
		t.Errorf("error %v", err)
	}
}
