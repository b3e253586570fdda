package squad

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
	"genlab/lib/data/order"
	"genlab/lib/data/wordpiece"
)

// BatchConfig says how questions become batches.
type BatchConfig struct {
	Size   int // windows a batch
	Length int // pieces of each, padded
	Stride int // pieces of a passage from the beginning of one window to that of the next
	Seed   uint64
	From   string // where the questions come from, such as a file: for [Batches.Identity] alone
}

// Batches are windows of questions and passages in an order that the seed and the epoch decide; the last few that fill no batch are left
// out.
type Batches struct {
	pieces, labels, types [][]int32
	lengths               []int
	cfg                   BatchConfig
}

// NewBatches cuts questions. A window that doesn't hold the whole answer has none: its label is [CLS], as for a question without one
// (Devlin et al., "BERT", 2019, section 4.3).
func NewBatches(list []Question, tok *wordpiece.Tokenizer, cfg BatchConfig) (*Batches, error) {
	b := &Batches{cfg: cfg}
	for _, q := range list {
		windows, err := tok.Windows(q.Text, q.Passage, cfg.Length, cfg.Stride)
		if err != nil {
			return nil, fmt.Errorf("squad: question %s: %w", q.ID, err)
		}
		for _, w := range windows {
			pieces := make([]int32, cfg.Length)
			types := make([]int32, cfg.Length)
			for i := range pieces {
				pieces[i] = tok.Pad
			}
			copy(pieces, w.IDs())
			copy(types, w.Types)
			b.pieces, b.types = append(b.pieces, pieces), append(b.types, types)
			b.labels, b.lengths = append(b.labels, label(q, w)), append(b.lengths, len(w.Pieces))
		}
	}
	if cfg.Size < 1 || len(b.pieces) < cfg.Size {
		return nil, fmt.Errorf("squad: batches of %d out of %d windows: Size must be at least 1, and no more than there are", cfg.Size, len(b.pieces))
	}
	return b, nil
}

// label is the first and the last piece of the answer in a window.
func label(q Question, w wordpiece.Window) []int32 {
	if len(q.Answers) == 0 {
		return []int32{0, 0}
	}
	from := q.Answers[0].First
	to := from + len(q.Answers[0].Text)
	first, last := int32(0), int32(0)
	for i, p := range w.Pieces[w.Passage : len(w.Pieces)-1] {
		place := int32(w.Passage + i)
		if p.First <= from && from < p.After {
			first = place
		}
		if p.First < to && to <= p.After {
			last = place
		}
	}
	if first == 0 || last == 0 {
		return []int32{0, 0}
	}
	return []int32{first, last}
}

// Steps is the number of batches an epoch.
func (b *Batches) Steps() int { return len(b.pieces) / b.cfg.Size }

// Identity says what the data is, for the run that trains on it.
func (b *Batches) Identity() (map[string]any, error) {
	digest := identity.NewDigest()
	for i := range b.pieces {
		digest = digest.Int32s(b.pieces[i]).Int32s(b.labels[i])
	}
	return map[string]any{
		"kind": "questions", "from": b.cfg.From, "windows": len(b.pieces), "digest": digest.String(), "batch": b.cfg.Size, "length": b.cfg.Length,
		"stride": b.cfg.Stride, "seed": b.cfg.Seed,
	}, nil
}

// Batch gives pieces, labels [Size, 2], mask and types; all but the labels are [Size, Length].
func (b *Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= b.Steps() {
		return nil, fmt.Errorf("squad: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to %d", epoch, step, b.Steps()-1)
	}
	perm := order.Permutation(len(b.pieces), b.cfg.Seed, uint64(epoch))
	var pieces, labels, mask, types [][]int32
	for _, at := range perm[step*b.cfg.Size : (step+1)*b.cfg.Size] {
		real := make([]int32, b.cfg.Length)
		for i := range b.lengths[at] {
			real[i] = 1
		}
		pieces, labels, mask, types = append(pieces, b.pieces[at]), append(labels, b.labels[at]), append(mask, real), append(types, b.types[at])
	}
	return []*tensors.Tensor{tensors.FromValue(pieces), tensors.FromValue(labels), tensors.FromValue(mask), tensors.FromValue(types)}, nil
}
