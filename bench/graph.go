package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

// input is a tensor that each step is given.
type input struct {
	name  string
	value *tensors.Tensor
}

// part is a network under its scope, "" for the root, which is also the prefix of its weights in the file.
type part struct {
	scope string
	net   any
}

// graphSide is a workload that is one graph, of nets made by seed 1 and the same inputs each time. What it returns is compared.
func graphSide(name string, parts []part, inputs []input, fn func(s *model.Scope, in []*graph.Node) []*graph.Node) (*Side, error) {
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(name, b)
	side := &Side{Weights: &torch.StateDict{}, Inputs: &torch.StateDict{}}
	for _, p := range parts {
		s, prefix := run.Store.RootScope(), ""
		if p.scope != "" {
			s, prefix = s.At("%s", p.scope), p.scope+"."
		}
		if err := nn.Create(s, p.net, 1); err != nil {
			return nil, err
		}
		state, err := torch.Save(s, p.net)
		if err != nil {
			return nil, err
		}
		for _, n := range state.Names() {
			t, _ := state.Get(n)
			side.Weights.Set(prefix+n, t)
		}
	}
	args := make([]any, len(inputs))
	for i, in := range inputs {
		t, err := torch.FromGoMLX(in.value)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", in.name, err)
		}
		side.Inputs.Set(in.name, t)
		args[i] = in.value
	}
	side.Step = func(ctx context.Context) ([]float64, error) {
		out, err := run.Call(ctx, "step", fn, args...)
		if err != nil {
			return nil, err
		}
		values := make([]float64, len(out))
		for i, t := range out {
			values[i] = float64(tensors.ToScalar[float32](t)) // waits for it
			if err := t.FinalizeAll(); err != nil {
				return nil, err
			}
		}
		return values, nil
	}
	return side, nil
}

// trainingSide is a workload that is a step of Adam on one network; its loss is compared. bench/peers/train.py has the others'.
func trainingSide(name string, net any, rate float64, inputs []input, loss func(s *model.Scope, in []*graph.Node) *graph.Node) (*Side, error) {
	params, adam := nn.Trained(net), nn.NewAdam(rate)
	return graphSide(name, []part{{"", net}}, inputs, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		value := loss(s, in)
		adam.Update(s, params, nn.Gradients(s, value, params))
		return []*graph.Node{value}
	})
}

// searchSide is a workload of a whole model that writes tokens on from those given; save writes the model's weights.
func searchSide(save func(path string) error, name string, given *tensors.Tensor, write func(ctx context.Context, texts [][]int32) ([]float64, error)) (*Side, error) {
	in, err := torch.FromGoMLX(given)
	if err != nil {
		return nil, fmt.Errorf("input %s: %w", name, err)
	}
	side := &Side{Inputs: &torch.StateDict{}}
	side.Inputs.Set(name, in)
	if side.Weights, err = saved(save); err != nil {
		return nil, err
	}
	texts := rows(given)
	side.Step = func(ctx context.Context) ([]float64, error) { return write(ctx, texts) }
	return side, nil
}

// saved is what a model's Save writes.
func saved(save func(path string) error) (*torch.StateDict, error) {
	dir, err := os.MkdirTemp("", "genlab-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "weights.safetensors")
	if err := save(path); err != nil {
		return nil, err
	}
	return torch.Read(path)
}

// draw gives inputs from a fixed seed.
type draw struct{ rng *rand.Rand }

func newDraw() draw { return draw{rand.New(rand.NewPCG(1, 2))} }

// normal draws from N(0, 1).
func (d draw) normal(dims ...int) *tensors.Tensor {
	return fill(dims, func() float32 { return float32(d.rng.NormFloat64()) })
}

// uniform draws from U[low, high).
func (d draw) uniform(low, high float32, dims ...int) *tensors.Tensor {
	return fill(dims, func() float32 { return low + (high-low)*d.rng.Float32() })
}

// tokens draws integers from low up to, not including, high.
func (d draw) tokens(low, high int, dims ...int) *tensors.Tensor {
	return fill(dims, func() int32 { return int32(low + d.rng.IntN(high-low)) })
}

func fill[T int32 | float32](dims []int, next func() T) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	values := make([]T, n)
	for i := range values {
		values[i] = next()
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// rows are the texts of tokens [batch, length].
func rows(t *tensors.Tensor) [][]int32 { return t.Value().([][]int32) }
