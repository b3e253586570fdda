package spec

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

// Given is a tensor that each step of a workload is given.
type Given struct {
	Name  string
	Value *tensors.Tensor
}

// StepSide is a workload that is a model's training step. config is what Step's config is, a map or a struct for JSON; free has the free
// sizes of the step's inputs. What the step measures is compared.
func StepSide(name string, open func(Config) (*Training, error), config any, free map[int]int) (*Side, error) {
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	t, err := open(Config{string(text)})
	if err != nil {
		return nil, err
	}
	d := NewDraw()
	var inputs []Given
	for _, in := range t.Inputs {
		if !in.Optional {
			inputs = append(inputs, Given{in.Name, d.input(in, free)})
		}
	}
	return GraphSide(name, t.Parts, inputs, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		s.Store().SetTraining(in[0].Graph(), true)
		batch := make([]*graph.Node, len(t.Inputs))
		for i, of := range t.Inputs {
			if !of.Optional {
				batch[i], in = in[0], in[1:]
			}
		}
		var compared []*graph.Node
		for i, metric := range t.Step(s, batch).Metrics {
			if t.Names[i] != "" {
				compared = append(compared, metric)
			}
		}
		return compared
	})
}

// GraphSide is a workload that is one graph, of modules made by seed 1 and the same inputs each time. The scalars that it returns are
// compared.
func GraphSide(name string, parts []Part, inputs []Given, fn func(s *model.Scope, in []*graph.Node) []*graph.Node) (*Side, error) {
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(name, b)
	side := &Side{Weights: &torch.StateDict{}, Inputs: &torch.StateDict{}}
	for _, p := range parts {
		if err := nn.Create(p.in(run.Store), p.Module, 1); err != nil {
			return nil, err
		}
		if err := p.state(run.Store, side.Weights, ""); err != nil {
			return nil, err
		}
	}
	args := make([]any, len(inputs))
	for i, in := range inputs {
		t, err := torch.FromGoMLX(in.Value)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", in.Name, err)
		}
		side.Inputs.Set(in.Name, t)
		args[i] = in.Value
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

// AdamSide is a workload that is a step of Adam on one module that no model trains by itself; its loss is compared.
func AdamSide(name string, module any, rate float64, inputs []Given, loss func(s *model.Scope, in []*graph.Node) *graph.Node) (*Side, error) {
	params, adam := nn.Trained(module), nn.NewAdam(rate)
	return GraphSide(name, []Part{{"", module}}, inputs, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		value := loss(s, in)
		adam.Update(s, params, nn.Gradients(s, value, params))
		return []*graph.Node{value}
	})
}

// CallSide is a workload of a whole model that does something with given values; save writes the model's weights.
func CallSide(save func(path string) error, given Given, work func(ctx context.Context) ([]float64, error)) (*Side, error) {
	in, err := torch.FromGoMLX(given.Value)
	if err != nil {
		return nil, fmt.Errorf("input %s: %w", given.Name, err)
	}
	side := &Side{Inputs: &torch.StateDict{}, Step: work}
	side.Inputs.Set(given.Name, in)
	side.Weights, err = saved(save)
	return side, err
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
