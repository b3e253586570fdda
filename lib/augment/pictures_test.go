package augment

import (
	"slices"
	"strings"
	"testing"

	"genlab/lib/data/images"
)

// lines are made pictures, n of each class: a bright line across at a random height (0), or down (1).
func lines(n int) Pictures {
	p := Pictures{Size: Size, Channels: 1, Classes: 2}
	for i := range 2 * n {
		picture := make([]float32, Size*Size)
		for k := range Size {
			at := (7*i + 3) % Size
			row, column := at, k
			if i%2 == 1 {
				row, column = k, at
			}
			picture[row*Size+column] = 1
		}
		p.Pixels, p.Labels = append(p.Pixels, picture), append(p.Labels, i%2)
	}
	return p
}

func TestFromSet(t *testing.T) {
	set, err := images.FromBytes([]byte{0, 255, 51}, 1, 1, 1, []byte{0, 1, 1}, []string{"a", "b"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := FromSet(set)
	if err != nil || p.Classes != 2 || !slices.Equal(p.Labels, []int{0, 1, 1}) || p.Pixels[2][0] != 0.2 || !slices.Equal(p.Counts(), []int{1, 2}) {
		t.Errorf("%+v, %v", p, err)
	}
	set, err = images.FromBytes([]byte{0}, 1, 1, 1, nil, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := FromSet(set); err == nil || !strings.Contains(err.Error(), "the pictures have 0 classes") {
		t.Errorf("error %v", err)
	}
}

func TestScarce(t *testing.T) {
	p := lines(40)
	few := p.Scarce(5, 1)
	if !slices.Equal(few.Counts(), []int{5, 5}) || few.digest() != p.Scarce(5, 1).digest() {
		t.Errorf("%v of each class, and others the second time", few.Counts())
	}
	if few.digest() == p.Scarce(5, 2).digest() {
		t.Error("another seed chooses the same")
	}
	for i := range few.Pixels {
		if _, at, ok := find(p, few.Pixels[i]); !ok || p.Labels[at] != few.Labels[i] {
			t.Errorf("picture %d is of class %d, and not among those of it", i, few.Labels[i])
		}
	}
	if all := p.Scarce(0, 1); !slices.Equal(all.Counts(), p.Counts()) || !slices.Equal(p.Scarce(99, 1).Counts(), p.Counts()) {
		t.Errorf("%v of %v", all.Counts(), p.Counts())
	}
	if labels := lacking([]int{0, 0, 1}, 2, 2); !slices.Equal(labels, []int{1}) {
		t.Errorf("labels %v fill two of each class up", labels)
	}
}

// find is where a picture stands in a set, in memory shared.
func find(p Pictures, picture []float32) (pixels []float32, at int, ok bool) {
	for i, q := range p.Pixels {
		if &q[0] == &picture[0] {
			return q, i, true
		}
	}
	return nil, 0, false
}
