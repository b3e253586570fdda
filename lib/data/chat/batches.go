package chat

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
	"genlab/lib/data/order"
)

// BatchConfig says how conversations become batches.
type BatchConfig struct {
	Size   int // conversations a batch
	Length int // tokens of each, padded
	Seed   uint64
	From   string // where the conversations come from, such as a file: for [Batches.Identity] alone
}

// Batches are conversations in an order that the seed and the epoch decide; the last few that fill no batch are left out.
type Batches struct {
	x, y [][]int32
	cfg  BatchConfig
}

// NewBatches encodes conversations. One that is longer than Length is an error.
func (f *Format) NewBatches(list []Conversation, cfg BatchConfig) (*Batches, error) {
	if cfg.Size < 1 || cfg.Length < 2 || len(list) < cfg.Size {
		return nil, fmt.Errorf("chat: batches of Size %d and Length %d out of %d conversations: want at least 1 and 2, and a batch of conversations", cfg.Size, cfg.Length, len(list))
	}
	b := &Batches{cfg: cfg}
	for i, c := range list {
		ids, answer, err := f.Encode(c)
		if err != nil {
			return nil, fmt.Errorf("chat: conversation %d: %w", i+1, err)
		}
		if len(ids) > cfg.Length+1 {
			return nil, fmt.Errorf("chat: conversation %d has %d tokens: at most %d fit; cut it, or take a longer context", i+1, len(ids), cfg.Length+1)
		}
		x, y := make([]int32, cfg.Length), make([]int32, cfg.Length)
		for j := range y {
			y[j] = -1 // not to be learnt
			if j+1 < len(ids) {
				x[j] = ids[j]
				if answer[j+1] {
					y[j] = ids[j+1]
				}
			}
		}
		b.x, b.y = append(b.x, x), append(b.y, y)
	}
	return b, nil
}

// Steps is the number of batches an epoch.
func (b *Batches) Steps() int { return len(b.x) / b.cfg.Size }

// Identity says what the data is, for the run that trains on it.
func (b *Batches) Identity() (map[string]any, error) {
	digest := identity.NewDigest()
	for i := range b.x {
		digest.Int32s(b.x[i]).Int32s(b.y[i])
	}
	return map[string]any{
		"kind": "conversations", "from": b.cfg.From, "conversations": len(b.x), "digest": digest.String(),
		"batch": b.cfg.Size, "length": b.cfg.Length, "seed": b.cfg.Seed,
	}, nil
}

// Batch gives tokens x and the tokens y that follow them where they belong to an answer, -1 elsewhere: int32 [Size, Length].
func (b *Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= b.Steps() {
		return nil, fmt.Errorf("chat: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to below %d", epoch, step, b.Steps())
	}
	perm := order.Permutation(len(b.x), b.cfg.Seed, uint64(epoch))
	var x, y []int32
	for _, i := range perm[step*b.cfg.Size : (step+1)*b.cfg.Size] {
		x, y = append(x, b.x[i]...), append(y, b.y[i]...)
	}
	return []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(x, b.cfg.Size, b.cfg.Length),
		tensors.FromFlatDataAndDimensions(y, b.cfg.Size, b.cfg.Length),
	}, nil
}
