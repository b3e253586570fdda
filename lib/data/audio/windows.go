package audio

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/order"
)

// WindowConfig says how recordings become batches.
type WindowConfig struct {
	Size     int      // windows a batch
	Length   int      // codes a window
	Classes  int      // of µ-law codes
	Speakers []string // who may speak, in the order of the condition; nil: the condition doesn't tell
	Digits   []string // the same of what is said
	Seed     uint64   // of the order, and of where windows of long recordings begin
	Shuffle  bool     // else each recording's pieces come one after the other, all of them
	From     string   // where the recordings come from: for [Windows.Identity] alone
}

// Windows are batches of pieces of recordings, as µ-law codes. Shuffled, an epoch has one window of each recording, and the last partial
// batch is left out. Else it has each recording from its beginning to its end, in windows of which each begins with the code that
// the one before ended with, and the last batch is filled up with windows of nothing.
type Windows struct {
	codes   [][]int32 // of each recording: silence, then what there is
	told    [][]float32
	pieces  []piece // where not shuffled
	digest  string
	seconds float64
	cfg     WindowConfig
}

// piece is a part of a recording.
type piece struct{ recording, from int }

// NewWindows makes batches of recordings.
func NewWindows(list []Recording, c WindowConfig) (*Windows, error) {
	if c.Size < 1 || c.Length < 2 || c.Classes < 2 {
		return nil, fmt.Errorf("audio: batches of Size %d and Length %d with %d Classes: it must be at least 1, 2 and 2", c.Size, c.Length, c.Classes)
	}
	w := &Windows{cfg: c, digest: Digest(list)}
	for i, r := range list {
		codes := []int32{int32(c.Classes / 2)}
		for _, x := range r.Samples {
			codes = append(codes, MuLaw(x, c.Classes))
		}
		told, err := c.condition(r)
		if err != nil {
			return nil, err
		}
		w.codes, w.told = append(w.codes, codes), append(w.told, told)
		w.seconds += r.Seconds()
		for from := 0; from < len(codes)-1; from += c.Length - 1 {
			w.pieces = append(w.pieces, piece{i, from})
		}
	}
	if w.Steps() < 1 {
		return nil, fmt.Errorf("audio: %d recordings are too few for a batch of Size %d", len(list), c.Size)
	}
	return w, nil
}

// condition is a one among zeros for who speaks, then one for what is said.
func (c WindowConfig) condition(r Recording) ([]float32, error) {
	told := make([]float32, len(c.Speakers)+len(c.Digits))
	for _, part := range []struct {
		name, value string
		of          []string
		from        int
	}{{"speaker", r.Speaker, c.Speakers, 0}, {"digit", r.Digit, c.Digits, len(c.Speakers)}} {
		if len(part.of) == 0 {
			continue
		}
		at := slices.Index(part.of, part.value)
		if at < 0 {
			return nil, fmt.Errorf("audio: %s: %s is %q: it must be one of %v", r.Name, part.name, part.value, part.of)
		}
		told[part.from+at] = 1
	}
	return told, nil
}

// Steps is the number of batches an epoch.
func (w *Windows) Steps() int {
	if w.cfg.Shuffle {
		return len(w.codes) / w.cfg.Size
	}
	return (len(w.pieces) + w.cfg.Size - 1) / w.cfg.Size
}

// Seconds is how long all recordings are together.
func (w *Windows) Seconds() float64 { return w.seconds }

// Identity says what the data is, for the run that trains on it.
func (w *Windows) Identity() (map[string]any, error) {
	c := w.cfg
	return map[string]any{
		"kind": "recordings", "from": c.From, "recordings": len(w.codes), "digest": w.digest, "batch": c.Size, "length": c.Length,
		"classes": c.Classes, "speakers": c.Speakers, "digits": c.Digits, "seed": c.Seed, "shuffle": c.Shuffle,
	}, nil
}

// Batch gives codes [Size, Length], int32, -1 after a recording's end, and, where there are speakers or digits, the condition
// [Size, len(Speakers)+len(Digits)]. It depends on nothing but the seed, epoch and step.
func (w *Windows) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= w.Steps() {
		return nil, fmt.Errorf("audio: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to below %d", epoch, step, w.Steps())
	}
	c := w.cfg
	width := len(c.Speakers) + len(c.Digits)
	x, told := make([]int32, c.Size*c.Length), make([]float32, c.Size*width)
	for i := range x {
		x[i] = -1
	}
	for i, p := range w.choose(epoch, step) {
		copy(x[i*c.Length:(i+1)*c.Length], w.codes[p.recording][p.from:])
		copy(told[i*width:(i+1)*width], w.told[p.recording])
	}
	batch := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(x, c.Size, c.Length)}
	if width > 0 {
		batch = append(batch, tensors.FromFlatDataAndDimensions(told, c.Size, width))
	}
	return batch, nil
}

// choose picks the pieces of a batch.
func (w *Windows) choose(epoch, step int) []piece {
	size := w.cfg.Size
	if !w.cfg.Shuffle {
		return w.pieces[step*size : min(len(w.pieces), (step+1)*size)]
	}
	source := rand.NewPCG(w.cfg.Seed, uint64(epoch)<<32|uint64(step))
	var list []piece
	for _, at := range order.Permutation(len(w.codes), w.cfg.Seed, uint64(epoch))[step*size : (step+1)*size] {
		p := piece{recording: int(at)}
		if spare := len(w.codes[at]) - w.cfg.Length; spare > 0 {
			from, _ := bits.Mul64(source.Uint64(), uint64(spare+1)) // 0 to spare
			p.from = int(from)
		}
		list = append(list, p)
	}
	return list
}
