package text

import (
	"fmt"
	"math/bits"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
)

// BatchConfig says how tokens become batches.
type BatchConfig struct {
	Size   int    // windows a batch
	Length int    // tokens a window
	Seed   uint64 // of where windows start; Lanes have no use for it
	Steps  int    // batches an epoch; 0 means about as many as show each token once. Lanes have as many as there are
	From   string // where the tokens come from, such as a file: for [Windows.Identity] alone
}

func (c BatchConfig) check(tokens, need int) error {
	if c.Size < 1 || c.Length < 1 || c.Steps < 0 {
		return fmt.Errorf("text: batches of Size %d and Length %d, %d Steps: it must be at least 1 and 1, and 0 or more", c.Size, c.Length, c.Steps)
	}
	if tokens < need {
		return fmt.Errorf("text: %d tokens are too few for batches of Size %d and Length %d: there must be at least %d", tokens, c.Size, c.Length, need)
	}
	return nil
}

func (c BatchConfig) identity(kind string, tokens []int32) map[string]any {
	return map[string]any{
		"kind": kind, "from": c.From, "tokens": len(tokens), "digest": identity.NewDigest().Int32s(tokens).String(),
		"batch": c.Size, "length": c.Length, "steps": c.Steps,
	}
}

// Windows are batches of windows that start anywhere, each predicting the token after each of its own.
type Windows struct {
	tokens []int32
	cfg    BatchConfig
}

// NewWindows cuts batches out of tokens.
func NewWindows(tokens []int32, cfg BatchConfig) (*Windows, error) {
	if err := cfg.check(len(tokens), cfg.Length+1); err != nil {
		return nil, err
	}
	if cfg.Steps == 0 {
		cfg.Steps = max(1, len(tokens)/(cfg.Size*cfg.Length))
	}
	return &Windows{tokens, cfg}, nil
}

// Steps is the number of batches an epoch.
func (w *Windows) Steps() int { return w.cfg.Steps }

// Identity says what the data is, for the run that trains on it.
func (w *Windows) Identity() (map[string]any, error) {
	is := w.cfg.identity("windows", w.tokens)
	is["seed"] = w.cfg.Seed
	return is, nil
}

// Batch gives tokens x and the tokens that follow them y, both int32 [Size, Length]. It depends on nothing but the seed,
// epoch and step.
func (w *Windows) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= w.cfg.Steps {
		return nil, fmt.Errorf("text: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to below %d", epoch, step, w.cfg.Steps)
	}
	source := rand.NewPCG(w.cfg.Seed, uint64(epoch)<<32|uint64(step))
	starts := make([]int, w.cfg.Size)
	for i := range starts {
		at, _ := bits.Mul64(source.Uint64(), uint64(len(w.tokens)-w.cfg.Length)) // 0 to len-Length-1
		starts[i] = int(at)
	}
	return window(w.tokens, starts, w.cfg.Length), nil
}

// Lanes are batches that go on where the one before ended, for a recurrent network that carries its state from batch
// to batch (truncated backpropagation through time). The text is cut into Size lanes of equal length; row i of each batch
// comes from lane i. State starts anew at step 0 of each epoch.
type Lanes struct {
	tokens []int32
	cfg    BatchConfig
	lane   int // tokens a lane
}

// NewLanes cuts tokens into lanes. What doesn't fill a last batch is left out, fewer than Size*(Length+1) tokens.
func NewLanes(tokens []int32, cfg BatchConfig) (*Lanes, error) {
	if err := cfg.check(len(tokens), cfg.Size*cfg.Length+1); err != nil {
		return nil, err
	}
	lane := (len(tokens) - 1) / cfg.Size
	steps := lane / cfg.Length
	if cfg.Steps > steps {
		return nil, fmt.Errorf("text: Steps is %d, but %d tokens in %d lanes give %d batches of Length %d", cfg.Steps, len(tokens), cfg.Size, steps, cfg.Length)
	}
	if cfg.Steps == 0 {
		cfg.Steps = steps
	}
	return &Lanes{tokens, cfg, lane}, nil
}

// Steps is the number of batches an epoch.
func (l *Lanes) Steps() int { return l.cfg.Steps }

// Identity says what the data is, for the run that trains on it.
func (l *Lanes) Identity() (map[string]any, error) { return l.cfg.identity("lanes", l.tokens), nil }

// Batch gives tokens x and the tokens that follow them y, both int32 [Size, Length]: the same in every epoch.
func (l *Lanes) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= l.cfg.Steps {
		return nil, fmt.Errorf("text: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to below %d", epoch, step, l.cfg.Steps)
	}
	starts := make([]int, l.cfg.Size)
	for i := range starts {
		starts[i] = i*l.lane + step*l.cfg.Length
	}
	return window(l.tokens, starts, l.cfg.Length), nil
}

func window(tokens []int32, starts []int, length int) []*tensors.Tensor {
	x, y := make([]int32, 0, len(starts)*length), make([]int32, 0, len(starts)*length)
	for _, s := range starts {
		x = append(x, tokens[s:s+length]...)
		y = append(y, tokens[s+1:s+length+1]...)
	}
	return []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(x, len(starts), length),
		tensors.FromFlatDataAndDimensions(y, len(starts), length),
	}
}
