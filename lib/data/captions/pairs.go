package captions

import (
	"crypto/sha256"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
	"genlab/lib/data/order"
)

// Pair is a picture, [size·size·3] bytes row by row, with what it shows in one or more captions.
type Pair struct {
	Picture  []byte
	Captions []string
}

// Pairs are pictures of one size with captions.
type Pairs struct {
	Size int // height and width
	List []Pair
	From string // where they are from
}

// Captions are those of all pictures.
func (p Pairs) Captions() []string {
	var list []string
	for _, pair := range p.List {
		list = append(list, pair.Captions...)
	}
	return list
}

// Longest is the number of words of the longest caption.
func (p Pairs) Longest() int {
	longest := 0
	for _, c := range p.Captions() {
		longest = max(longest, len(Words(c)))
	}
	return longest
}

// Split holds every tenth picture out. A picture's own bytes decide, so that the same picture twice is on one side.
func (p Pairs) Split() (training, heldOut Pairs) {
	training, heldOut = p, p
	training.List, heldOut.List = nil, nil
	for _, pair := range p.List {
		if sum := sha256.Sum256(pair.Picture); sum[0] < 26 {
			heldOut.List = append(heldOut.List, pair)
		} else {
			training.List = append(training.List, pair)
		}
	}
	return training, heldOut
}

// Floats are the pictures, [size·size·3] in [0, 1].
func (p Pairs) Floats() [][]float32 {
	list := make([][]float32, len(p.List))
	for i, pair := range p.List {
		list[i] = make([]float32, len(pair.Picture))
		for k, b := range pair.Picture {
			list[i][k] = float32(b) / 255
		}
	}
	return list
}

// BatchConfig says how pairs are cut into batches.
type BatchConfig struct {
	Size    int    // pictures a batch
	Seed    uint64 // fixes the order and which caption is taken, together with the epoch
	Shuffle bool
	// Words, when given, has batches begin with captions, tokens of length Length each; one of a picture's at a time.
	Words  Vocabulary
	Length int
}

// Batches are pairs in batches of one size; a last one that isn't full is left out. It has the methods of train.Dataset.
type Batches struct {
	pairs Pairs
	cfg   BatchConfig
}

// Batches cuts pairs into batches.
func (p Pairs) Batches(cfg BatchConfig) (*Batches, error) {
	if cfg.Size < 1 || cfg.Size > len(p.List) {
		return nil, fmt.Errorf("captions: batch Size is %d: it must be 1 to the number of pictures, %d", cfg.Size, len(p.List))
	}
	if cfg.Words != nil { // what can't be told in tokens is said now, not in the middle of a training
		if _, err := cfg.Words.EncodeAll(p.Captions(), cfg.Length); err != nil {
			return nil, err
		}
	}
	return &Batches{p, cfg}, nil
}

// Steps is the number of batches an epoch.
func (b *Batches) Steps() int { return len(b.pairs.List) / b.cfg.Size }

// Identity says what the data is, for the run that trains on it.
func (b *Batches) Identity() (map[string]any, error) {
	digest := identity.NewDigest()
	for _, p := range b.pairs.List {
		digest.Bytes(p.Picture).Text(p.Captions)
	}
	return map[string]any{
		"kind": "captions", "from": b.pairs.From, "content": digest.String(), "pictures": len(b.pairs.List), "pixels": b.pairs.Size,
		"batch": b.cfg.Size, "seed": b.cfg.Seed, "texts": b.cfg.Words != nil,
	}, nil
}

// Batch gives captions, int32 [Size, Length], where words were given, and pictures [Size, size, size, 3] in [0, 1].
func (b *Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	n, size := b.cfg.Size, b.pairs.Size
	if step < 0 || step >= b.Steps() {
		return nil, fmt.Errorf("captions: step is %d: it must be 0 to %d", step, b.Steps()-1)
	}
	chosen := make([]Pair, n)
	var perm []int32
	if b.cfg.Shuffle {
		perm = order.Permutation(len(b.pairs.List), b.cfg.Seed, uint64(epoch))
	}
	texts := make([][]int32, n)
	for i := range chosen {
		at := step*n + i
		if perm != nil {
			at = int(perm[at])
		}
		chosen[i] = b.pairs.List[at]
		if b.cfg.Words != nil {
			caption := chosen[i].Captions[(at+epoch)%len(chosen[i].Captions)] // all of them in turn
			tokens, err := b.cfg.Words.Encode(caption, b.cfg.Length)
			if err != nil {
				return nil, err
			}
			texts[i] = tokens
		}
	}
	x := tensors.FromShape(shapes.Make(dtypes.Float32, n, size, size, 3))
	err := tensors.MutableFlatData(x, func(flat []float32) {
		for i, p := range chosen {
			for k, v := range p.Picture {
				flat[i*len(p.Picture)+k] = float32(v) / 255
			}
		}
	})
	if err != nil || b.cfg.Words == nil {
		return []*tensors.Tensor{x}, err
	}
	return []*tensors.Tensor{tensors.FromValue(texts), x}, nil
}
