package wordpiece

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
)

// MaskedConfig says how pieces become batches with blanks.
type MaskedConfig struct {
	Size   int     // windows a batch
	Length int     // pieces of each, [CLS] and [SEP] among them
	Share  float64 // of the words that are to be told; 0 is 0.15
	Seed   uint64
	Steps  int    // batches an epoch; 0 means about as many as show each piece once
	From   string // where the text comes from, such as a file: for [Masked.Identity] alone
}

// Ignored is a label that counts for nothing, PyTorch's.
const Ignored = -100

// Masked are windows of a text in which some words are to be told, all pieces of each (Devlin et al., "BERT", 2019, section 3.1, and the
// authors' later "whole word masking"): eight in ten are [MASK], one is another piece, one stays. Windows and blanks are drawn anew for
// each batch.
type Masked struct {
	tok    *Tokenizer
	pieces []int32
	cfg    MaskedConfig
}

// NewMasked makes batches out of a text's pieces.
func NewMasked(tok *Tokenizer, pieces []int32, cfg MaskedConfig) (*Masked, error) {
	if cfg.Share == 0 {
		cfg.Share = 0.15
	}
	switch {
	case cfg.Size < 1 || cfg.Length < 4 || cfg.Steps < 0:
		return nil, fmt.Errorf("wordpiece: batches of Size %d and Length %d, %d Steps: they must be at least 1, 4 and 0", cfg.Size, cfg.Length, cfg.Steps)
	case len(pieces) < cfg.Length-2:
		return nil, fmt.Errorf("wordpiece: %d pieces are too few for a Length of %d: it must be at most %d", len(pieces), cfg.Length, len(pieces)+2)
	case !(cfg.Share > 0 && cfg.Share < 1):
		return nil, fmt.Errorf("wordpiece: Share is %g: it must be more than 0 and less than 1, such as 0.15", cfg.Share)
	}
	if cfg.Steps == 0 {
		cfg.Steps = max(1, len(pieces)/(cfg.Size*cfg.Length))
	}
	return &Masked{tok, pieces, cfg}, nil
}

// Steps is the number of batches an epoch.
func (m *Masked) Steps() int { return m.cfg.Steps }

// Identity says what the data is, for the run that trains on it.
func (m *Masked) Identity() (map[string]any, error) {
	return map[string]any{
		"kind": "masked", "from": m.cfg.From, "pieces": len(m.pieces), "digest": identity.NewDigest().Int32s(m.pieces).String(),
		"batch": m.cfg.Size, "length": m.cfg.Length, "steps": m.cfg.Steps, "share": m.cfg.Share, "seed": m.cfg.Seed,
	}, nil
}

// Batch gives pieces and labels, int32 [Size, Length] both. It depends on nothing but the seed, epoch and step.
func (m *Masked) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= m.cfg.Steps {
		return nil, fmt.Errorf("wordpiece: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to %d", epoch, step, m.cfg.Steps-1)
	}
	r := rand.New(rand.NewPCG(m.cfg.Seed, uint64(epoch)<<32|uint64(step)))
	x, y := make([][]int32, m.cfg.Size), make([][]int32, m.cfg.Size)
	for i := range x {
		inner := m.cfg.Length - 2
		from := r.IntN(len(m.pieces) - inner + 1)
		x[i] = append(append([]int32{m.tok.Start}, m.pieces[from:from+inner]...), m.tok.End)
		y[i] = m.tok.Blank(x[i], m.cfg.Share, r)
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y)}, nil
}

// Blank puts blanks into pieces, in place, and gives the labels: what stood there, Ignored elsewhere. About share of the pieces are to be
// told, at least one word.
func (t *Tokenizer) Blank(pieces []int32, share float64, r *rand.Rand) []int32 {
	labels := make([]int32, len(pieces))
	var words [][2]int // from, to
	for i, id := range pieces {
		labels[i] = Ignored
		switch {
		case t.Special(id):
		case t.Continues(id) && len(words) > 0 && words[len(words)-1][1] == i:
			words[len(words)-1][1]++
		default:
			words = append(words, [2]int{i, i + 1})
		}
	}
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	room := max(1, int(share*float64(len(pieces))+0.5))
	for k, w := range words {
		if k > 0 && w[1]-w[0] > room {
			continue
		}
		if room <= 0 {
			break
		}
		room -= w[1] - w[0]
		for i := w[0]; i < w[1]; i++ {
			labels[i] = pieces[i]
			switch draw := r.Float64(); {
			case draw < 0.8:
				pieces[i] = t.Mask
			case draw < 0.9:
				pieces[i] = int32(r.IntN(len(t.pieces)))
			}
		}
	}
	return labels
}
