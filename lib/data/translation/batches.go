package translation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
)

// Encoded is a pair as tokens, without any special one.
type Encoded struct {
	Source, Target []int32
}

// length is that of the longer side with what is added to it.
func (e Encoded) length() int { return max(len(e.Source), len(e.Target)) + 1 }

// EncodePairs cuts pairs into tokens of one vocabulary.
func (b *BPE) EncodePairs(pairs []Pair) []Encoded {
	list := make([]Encoded, len(pairs))
	for i, p := range pairs {
		list[i] = Encoded{b.Encode(p.Source), b.Encode(p.Target)}
	}
	return list
}

// BatchConfig says how pairs are put together.
type BatchConfig struct {
	// Tokens is the size of a batch: rows times length, on either side.
	Tokens int
	// Round is what lengths are rounded up to a multiple of, so that few shapes need compiling; 0 is 16.
	Round int
	// MaxLength is the longest text, in tokens with its end; 0 is 256. Pairs with a longer one are left out.
	MaxLength int
	// Seed decides the order.
	Seed uint64
	// From is where the pairs come from, such as a file: for [Batches.Identity] alone.
	From string
}

// Batches gives batches of texts of like lengths, in another order each epoch. It is a [train.Dataset]: a batch is source
// [rows, length] with an end, target [rows, length] after a beginning, and labels [rows, length], the target with an end; int32,
// filled up with [Pad].
type Batches struct {
	config  BatchConfig
	buckets [][]Encoded // by length
	lengths []int
	steps   int
	left    int

	mu    sync.Mutex
	epoch int
	plan  []plan // of the epoch
}

type plan struct {
	bucket int
	rows   []int // places in the bucket
}

// NewBatches sorts pairs into buckets.
func NewBatches(pairs []Encoded, c BatchConfig) (*Batches, error) {
	if c.Round == 0 {
		c.Round = 16
	}
	if c.MaxLength == 0 {
		c.MaxLength = 256
	}
	if c.Round < 1 || c.MaxLength < c.Round {
		return nil, fmt.Errorf("translation: batches with max length %d and round %d: round must be at least 1 and at most max length", c.MaxLength, c.Round)
	}
	if c.Tokens < c.MaxLength {
		return nil, fmt.Errorf("translation: batches of %d tokens: they must hold a text of max length, %d", c.Tokens, c.MaxLength)
	}
	b := &Batches{config: c, epoch: -1}
	all := make([][]Encoded, c.MaxLength/c.Round+1)
	for _, p := range pairs {
		i := (p.length() + c.Round - 1) / c.Round
		switch {
		case i*c.Round > c.MaxLength || len(p.Source) == 0 || len(p.Target) == 0:
			b.left++
		default:
			all[i] = append(all[i], p)
		}
	}
	for i, bucket := range all {
		if len(bucket) > 0 {
			b.buckets, b.lengths = append(b.buckets, bucket), append(b.lengths, i*c.Round)
			b.steps += (len(bucket) + b.rows(len(b.lengths)-1) - 1) / b.rows(len(b.lengths)-1)
		}
	}
	if b.steps == 0 {
		return nil, errors.New("translation: no pair is left for batches: all are empty or longer than max length")
	}
	return b, nil
}

// rows is the number of pairs in a bucket's batches.
func (b *Batches) rows(bucket int) int { return max(1, b.config.Tokens/b.lengths[bucket]) }

// LeftOut is the number of pairs with an empty or too long side.
func (b *Batches) LeftOut() int { return b.left }

// Steps is the number of batches in an epoch.
func (b *Batches) Steps() int { return b.steps }

// Identity says what the data is, for the run that trains on it.
func (b *Batches) Identity() (map[string]any, error) {
	digest, pairs := identity.NewDigest(), 0
	for _, bucket := range b.buckets {
		pairs += len(bucket)
		for _, p := range bucket {
			digest.Int32s(p.Source).Int32s(p.Target)
		}
	}
	return map[string]any{
		"kind": "pairs", "from": b.config.From, "pairs": pairs, "digest": digest.String(),
		"batch": b.config.Tokens, "round": b.config.Round, "max_length": b.config.MaxLength, "seed": b.config.Seed,
	}, nil
}

// Batch makes one batch.
func (b *Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if step < 0 || step >= b.steps {
		return nil, fmt.Errorf("step %d: an epoch has %d batches", step, b.steps)
	}
	p := b.planOf(epoch)[step]
	length, rows := b.lengths[p.bucket], b.rows(p.bucket)
	source, target, labels := make([]int32, rows*length), make([]int32, rows*length), make([]int32, rows*length)
	for i, place := range p.rows {
		pair, at := b.buckets[p.bucket][place], i*length
		source[at+copy(source[at:], pair.Source)] = End
		target[at] = Begin
		copy(target[at+1:], pair.Target)
		labels[at+copy(labels[at:], pair.Target)] = End
	}
	out := make([]*tensors.Tensor, 3)
	for i, flat := range [][]int32{source, target, labels} {
		out[i] = tensors.FromFlatDataAndDimensions(flat, rows, length)
	}
	return out, nil
}

func (b *Batches) planOf(epoch int) []plan {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.epoch == epoch {
		return b.plan
	}
	rng := rand.New(rand.NewPCG(b.config.Seed, uint64(epoch)))
	b.plan, b.epoch = nil, epoch
	for i, bucket := range b.buckets {
		order, rows := rng.Perm(len(bucket)), b.rows(i)
		for from := 0; from < len(order); from += rows {
			b.plan = append(b.plan, plan{i, order[from:min(from+rows, len(order))]})
		}
	}
	rng.Shuffle(len(b.plan), func(i, j int) { b.plan[i], b.plan[j] = b.plan[j], b.plan[i] })
	return b.plan
}
