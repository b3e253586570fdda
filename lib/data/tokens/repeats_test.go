package tokens

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// What is asked for is what came a period earlier; the first period isn't asked for; the place decides the batch.
func TestRepeats(t *testing.T) {
	r := Repeats{Vocabulary: 9, Size: 6, Length: 16, Count: 3, Seed: 1}
	batch := func(step int) (x, y []int32) {
		t.Helper()
		out, err := r.Batch(1, step)
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[int32](out[0]), tensors.MustCopyFlatData[int32](out[1])
	}
	x, y := batch(2)
	periods := map[int]bool{}
	for row := range r.Size {
		tx, ty := x[row*16:(row+1)*16], y[row*16:(row+1)*16]
		first := 0
		for ty[first] < 0 {
			first++
		}
		period := first + 1
		periods[period] = true
		if period < 4 || period > 8 {
			t.Errorf("period %d", period)
		}
		for i := first; i < 16; i++ {
			if ty[i] != tx[i+1-period] || i < 15 && ty[i] != tx[i+1] {
				t.Errorf("text %v, labels %v, place %d", tx, ty, i)
			}
		}
	}
	if len(periods) < 2 {
		t.Error("all texts have one period")
	}
	if again, _ := batch(2); !reflect.DeepEqual(again, x) {
		t.Error("the same place gives another batch")
	}
	if other, _ := batch(1); reflect.DeepEqual(other, x) {
		t.Error("another place gives the same batch")
	}
	if _, err := (Repeats{Vocabulary: 1, Size: 1, Length: 8, Count: 1}).Batch(0, 0); err == nil || !strings.Contains(err.Error(), "Vocabulary 1") {
		t.Errorf("one token: %v", err)
	}
}
