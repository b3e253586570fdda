package scenes

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	tensorshapes "github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Batches gives endless fresh scenes, Each batches of Size an epoch. It has the methods of train.Dataset.
type Batches struct {
	Pixels int // of a picture's side
	Size   int // pictures a batch
	Each   int // batches an epoch
	Seed   uint64
	Split  Split
	// Texts gives the captions' tokens before the pictures, half of them in each language.
	Texts bool
}

// Steps is the number of batches an epoch.
func (b Batches) Steps() int { return b.Each }

// Identity says what the data is, for the run that trains on it.
func (b Batches) Identity() (map[string]any, error) {
	return map[string]any{"kind": "scenes", "pixels": b.Pixels, "batch": b.Size, "steps": b.Each, "seed": b.Seed, "split": int(b.Split), "texts": b.Texts}, nil
}

// Batch gives captions, int32 [Size, Longest], if b.Texts, and pictures [Size, Pixels, Pixels, 3]. They depend on nothing but the seed,
// epoch and step.
func (b Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if b.Size < 1 || b.Pixels < 32 || b.Pixels%32 != 0 {
		return nil, fmt.Errorf("scenes: Size is %d and Pixels %d: they must be at least 1 and a multiple of 32", b.Size, b.Pixels)
	}
	rng := rand.New(rand.NewPCG(b.Seed, uint64(epoch)<<32|uint64(step)))
	captions := make([]string, b.Size)
	pictures := make([][]float32, b.Size)
	for i := range b.Size {
		s := Random(rng, b.Split)
		captions[i] = s.Caption(Languages[rng.IntN(len(Languages))])
		if pictures[i] = Draw(s.Place(rng, b.Pixels), b.Pixels); !b.Texts {
			pictures[i] = grained(rng, pictures[i])
		}
	}
	x := tensors.FromShape(tensorshapes.Make(dtypes.Float32, b.Size, b.Pixels, b.Pixels, 3))
	err := tensors.MutableFlatData(x, func(flat []float32) {
		for i, p := range pictures {
			copy(flat[i*len(p):], p)
		}
	})
	if err != nil || !b.Texts {
		return []*tensors.Tensor{x}, err
	}
	texts, err := Words().EncodeAll(captions, Longest)
	return []*tensors.Tensor{tensors.FromValue(texts), x}, err
}

// grain is by how much values of pictures without captions are moved: the density of values that are always the same would have no bound, and
// a dVAE's likelihood is one.
const grain = 0.02

func grained(rng *rand.Rand, picture []float32) []float32 {
	for i, v := range picture {
		picture[i] = min(max(v+grain*(2*rng.Float32()-1), 0), 1)
	}
	return picture
}
