package mnist

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// dataset is train.Dataset, which rooms of data don't import.
type dataset interface {
	Steps() int
	Batch(epoch, step int) ([]*tensors.Tensor, error)
}

var _ dataset = (*Batches)(nil)

// numbered makes n images of 2x2 in which every pixel, and the label, is the image's place.
func numbered(n int) *Split {
	s := &Split{Rows: 2, Cols: 2}
	for i := range n {
		s.Labels = append(s.Labels, byte(i))
		s.Images = append(s.Images, byte(i), byte(i), byte(i), byte(i))
	}
	return s
}

// epochLabels reads a whole epoch, checking shapes and that images and labels belong together.
func epochLabels(t *testing.T, b *Batches, epoch int) []int32 {
	t.Helper()
	var all []int32
	for step := range b.Steps() {
		batch, err := b.Batch(epoch, step)
		if err != nil {
			t.Fatal(err)
		}
		labels := tensors.MustCopyFlatData[int32](batch[1])
		pixels := tensors.MustCopyFlatData[float32](batch[0])
		if dims := batch[0].Shape().Dimensions; !slices.Equal(dims, []int{len(labels), 4}) {
			t.Fatalf("images %v with %d labels", dims, len(labels))
		}
		for i, p := range pixels {
			if p != float32(labels[i/4])/255 {
				t.Fatalf("pixel %g of an image labelled %d", p, labels[i/4])
			}
		}
		all = append(all, labels...)
	}
	return all
}

func TestBatches(t *testing.T) {
	split := numbered(10)
	for _, c := range []struct {
		cfg   BatchConfig
		steps int
		seen  int
	}{
		{BatchConfig{Size: 4, Labels: true}, 3, 10},
		{BatchConfig{Size: 4, Labels: true, DropLast: true}, 2, 8},
		{BatchConfig{Size: 5, Labels: true, Shuffle: true}, 2, 10},
		{BatchConfig{Size: 64, Labels: true, Shuffle: true, Seed: 3}, 1, 10},
	} {
		b, err := split.Batches(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if b.Steps() != c.steps {
			t.Errorf("%+v: %d steps, want %d", c.cfg, b.Steps(), c.steps)
		}
		labels := epochLabels(t, b, 0)
		if sorted := slices.IsSorted(labels); sorted == c.cfg.Shuffle {
			t.Errorf("%+v: order %v", c.cfg, labels)
		}
		slices.Sort(labels)
		if labels = slices.Compact(labels); len(labels) != c.seen {
			t.Errorf("%+v: %d different images, want %d", c.cfg, len(labels), c.seen)
		}
	}
}

func TestOrderDependsOnSeedAndEpochAlone(t *testing.T) {
	split := numbered(200)
	read := func(seed uint64, epochs ...int) (last []int32) {
		b, err := split.Batches(BatchConfig{Size: 32, Seed: seed, Shuffle: true, Labels: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range epochs {
			last = epochLabels(t, b, e)
		}
		return last
	}
	if !slices.Equal(read(1, 5), read(1, 0, 3, 7, 5)) {
		t.Error("the order depends on what was read before")
	}
	if slices.Equal(read(1, 5), read(1, 6)) || slices.Equal(read(1, 5), read(2, 5)) {
		t.Error("two epochs or two seeds have one order")
	}
}

func TestBatchesConcurrently(t *testing.T) {
	b, err := numbered(100).Batches(BatchConfig{Size: 10, Shuffle: true, Labels: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [3][]int32{epochLabels(t, b, 0), epochLabels(t, b, 1), epochLabels(t, b, 2)}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			for step := range b.Steps() {
				batch, err := b.Batch(i%3, step)
				if err != nil {
					t.Error(err)
					return
				}
				got := tensors.MustCopyFlatData[int32](batch[1])
				if !slices.Equal(got, want[i%3][step*10:step*10+10]) {
					t.Errorf("epoch %d, step %d differs", i%3, step)
				}
			}
		})
	}
	wg.Wait()
}

func TestBatchErrors(t *testing.T) {
	split := numbered(10)
	for _, c := range []struct {
		split *Split
		cfg   BatchConfig
		want  string
	}{
		{split, BatchConfig{}, "Size is 0"},
		{split, BatchConfig{Size: 11, DropLast: true}, "10 images"},
		{&Split{}, BatchConfig{Size: 1}, "no images"},
	} {
		if _, err := c.split.Batches(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.cfg, err, c.want)
		}
	}
	b, err := split.Batches(BatchConfig{Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range [][2]int{{-1, 0}, {0, -1}, {0, 3}} {
		if _, err := b.Batch(place[0], place[1]); err == nil {
			t.Errorf("no error at %v", place)
		}
	}
	if _, err := split.Slice(3, 11); err == nil {
		t.Error("no error for a slice past the end")
	}
}

func BenchmarkBatch(b *testing.B) {
	split := &Split{Images: make([]byte, 60000*784), Labels: make([]byte, 60000), Rows: 28, Cols: 28}
	batches, err := split.Batches(BatchConfig{Size: 128, Shuffle: true, DropLast: true})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := batches.Batch(0, i%batches.Steps()); err != nil {
			b.Fatal(err)
		}
	}
}
