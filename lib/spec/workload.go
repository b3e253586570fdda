package spec

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"genlab/lib/torch"
)

// Sizes are a workload's numbers by name. The other frameworks read them from case.json.
type Sizes map[string]int

// Workload is one thing to time, the same in each framework.
type Workload struct {
	Name  string `json:"name"`
	About string `json:"about"`
	// Peer is the Python module of the other frameworks' sides: the model's folder's peer/PEER.py.
	Peer string `json:"peer"`
	// Tolerance is how far, relatively, what two frameworks compute may differ.
	Tolerance float64 `json:"tolerance"`
	Sizes     Sizes   `json:"sizes"` // as it is timed
	Tiny      Sizes   `json:"tiny"`  // what differs in a test of what it computes
	// Growth is what to vary, one at a time, to see how time and memory grow.
	Growth map[string][]int `json:"growth"`
	// Aims are the ratios to reach, to PyTorch's better side and to JAX; 0 where there is none.
	Aims [2]float64 `json:"aims"`

	Open func(Sizes) (*Side, error) `json:"-"`
}

// Side is a workload that is ready to run. Its methods may be called from one goroutine at a time.
type Side struct {
	// Weights are the first ones, and Inputs what each step is given: what the other frameworks begin with.
	Weights, Inputs *torch.StateDict
	// Step does the work once and gives what is compared: losses, scores or tokens.
	Step func(ctx context.Context) ([]float64, error)
}

// WithSizes is the workload with some of its sizes changed.
func (w *Workload) WithSizes(changed Sizes) (*Workload, error) {
	c := *w
	c.Sizes = maps.Clone(w.Sizes)
	for name, value := range changed {
		if _, ok := c.Sizes[name]; !ok {
			return nil, fmt.Errorf("%s has no size %q: it has %s", w.Name, name, strings.Join(slices.Sorted(maps.Keys(w.Sizes)), ", "))
		}
		if value < 1 {
			return nil, fmt.Errorf("%s: %s is %d: it must be at least 1", w.Name, name, value)
		}
		c.Sizes[name] = value
	}
	return &c, nil
}

// Ready opens the workload on the process's backend, its weights and inputs made from a fixed seed.
func (w *Workload) Ready() (*Side, error) {
	side, err := w.Open(w.Sizes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Name, err)
	}
	return side, nil
}

// Write writes what the other frameworks begin with: case.json, weights.safetensors, inputs.safetensors.
func (w *Workload) Write(dir string, side *Side) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("describing the workload: %w", err)
	}
	if err := torch.Write(filepath.Join(dir, "weights.safetensors"), side.Weights); err != nil {
		return err
	}
	if err := torch.Write(filepath.Join(dir, "inputs.safetensors"), side.Inputs); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, "case.json"), append(raw, '\n'), 0o644)
}
