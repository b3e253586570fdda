package images

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"golang.org/x/sync/errgroup"

	"genlab/lib/data/order"
)

// BatchConfig says how a set is cut into batches.
type BatchConfig struct {
	Size     int    // pictures a batch
	Seed     uint64 // fixes order and flips, together with the epoch
	Shuffle  bool   // a fresh order each epoch
	DropLast bool   // leave out a last batch that isn't full: one compiled graph then serves all
	Labels   bool   // give the labels too
	Flip     bool   // show half of the pictures in the mirror, others each epoch
	Shift    int    // move each picture by up to so many pixels along either axis, anew each epoch: a random crop of one with a black edge
}

// Batches cuts a set into batches. It is safe for concurrent use, and has the methods of train.Dataset.
type Batches struct {
	set *Set
	cfg BatchConfig

	mu     sync.Mutex
	orders [2]*epochOrder // of the last even and the last odd epoch: readers may straddle two
}

type epochOrder struct {
	epoch int
	perm  []int32
}

// Batches cuts the set into batches as cfg says.
func (s *Set) Batches(cfg BatchConfig) (*Batches, error) {
	if cfg.Size < 1 {
		return nil, fmt.Errorf("images: batch Size is %d: it must be at least 1", cfg.Size)
	}
	if s.n == 0 {
		return nil, fmt.Errorf("images: the set has no pictures to batch")
	}
	if cfg.DropLast && cfg.Size > s.n {
		return nil, fmt.Errorf("images: batch Size is %d with DropLast, but the set has %d pictures: it must be at most that", cfg.Size, s.n)
	}
	if cfg.Shift < 0 || cfg.Shift >= s.Size {
		return nil, fmt.Errorf("images: Shift is %d: it must be 0 or more, and less than a picture's size, %d", cfg.Shift, s.Size)
	}
	if cfg.Labels && s.labels == nil {
		return nil, fmt.Errorf("images: Labels are asked for, and the set has no classes: put each class's pictures into a folder of its own")
	}
	return &Batches{set: s, cfg: cfg}, nil
}

// Steps is the number of batches an epoch.
func (b *Batches) Steps() int {
	if b.cfg.DropLast {
		return b.set.n / b.cfg.Size
	}
	return (b.set.n + b.cfg.Size - 1) / b.cfg.Size
}

// Batch gives one batch: pictures float32 [B, Size, Size, Channels] in [0, 1] and, if asked for, labels int32 [B].
// B is Size, or less in the last batch. It depends on nothing but the seed, epoch and step.
func (b *Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= b.Steps() {
		return nil, fmt.Errorf("images: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to below %d", epoch, step, b.Steps())
	}
	s := b.set
	from := step * b.cfg.Size
	places := b.places(epoch, from, min(from+b.cfg.Size, s.n))
	d := s.Size * s.Size * s.Channels

	pictures := tensors.FromShape(shapes.Make(dtypes.Float32, len(places), s.Size, s.Size, s.Channels))
	var readErr error
	err := tensors.MutableFlatData(pictures, func(flat []float32) {
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i, place := range places {
			group.Go(func() error { return b.fill(flat[i*d:(i+1)*d], epoch, place) })
		}
		readErr = group.Wait()
	})
	if err := errors.Join(err, readErr); err != nil {
		return nil, err
	}
	if !b.cfg.Labels {
		return []*tensors.Tensor{pictures}, nil
	}
	labels := make([]int32, len(places))
	for i, place := range places {
		labels[i] = s.labels[place]
	}
	return []*tensors.Tensor{pictures, tensors.FromValue(labels)}, nil
}

// fill reads one picture of an epoch.
func (b *Batches) fill(dst []float32, epoch, place int) error {
	raw := make([]byte, len(dst))
	if err := b.set.read(place, raw); err != nil {
		return err
	}
	toUnit(dst, raw)
	draws := rand.NewPCG(b.cfg.Seed, uint64(epoch)<<32|uint64(place))
	if b.cfg.Flip && draws.Uint64()>>63 == 1 {
		mirror(dst, b.set.Size, b.set.Channels)
	}
	if n := b.cfg.Shift; n > 0 {
		r := rand.New(draws)
		shift(dst, b.set.Size, b.set.Channels, r.IntN(2*n+1)-n, r.IntN(2*n+1)-n)
	}
	return nil
}

// shift moves a picture, [size, size, channels], down and to the right; what comes in is 0.
func shift(picture []float32, size, channels, down, right int) {
	from := slices.Clone(picture)
	clear(picture)
	width := size * channels
	for y := max(0, down); y < min(size, size+down); y++ {
		line, source := picture[y*width:(y+1)*width], from[(y-down)*width:(y-down+1)*width]
		if right >= 0 {
			copy(line[right*channels:], source)
		} else {
			copy(line, source[-right*channels:])
		}
	}
}

// mirror swaps left and right. picture: [size, size, channels].
func mirror(picture []float32, size, channels int) {
	for y := range size {
		line := picture[y*size*channels : (y+1)*size*channels]
		for x := range size / 2 {
			for c := range channels {
				l, r := x*channels+c, (size-1-x)*channels+c
				line[l], line[r] = line[r], line[l]
			}
		}
	}
}

// places lists which pictures stand from one place of an epoch to another.
func (b *Batches) places(epoch, from, to int) []int {
	list := make([]int, to-from)
	if !b.cfg.Shuffle {
		for i := range list {
			list[i] = from + i
		}
		return list
	}
	b.mu.Lock()
	slot := &b.orders[epoch&1]
	if *slot == nil || (*slot).epoch != epoch {
		*slot = &epochOrder{epoch, order.Permutation(b.set.n, b.cfg.Seed, uint64(epoch))}
	}
	perm := (*slot).perm
	b.mu.Unlock()
	for i := range list {
		list[i] = int(perm[from+i])
	}
	return list
}
