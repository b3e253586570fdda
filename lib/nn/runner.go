package nn

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Runner holds a model's variables and runs its graphs, each compiled once for each shape of its inputs. Its methods may be called
// from one goroutine at a time.
type Runner struct {
	Backend compute.Backend
	Store   *model.Store

	name  string
	execs map[string]*model.Exec
}

// NewRunner has an empty store. The name is the model's, for errors.
func NewRunner(name string, b compute.Backend) *Runner {
	return &Runner{Backend: b, Store: model.NewStore(), name: name, execs: map[string]*model.Exec{}}
}

// Call runs the graph of the given name, which fn builds at its first call and for each new shape of the inputs: later calls must give
// the same fn. What fn captures and a call may change, such as a number of samples, belongs in the name. Inputs are tensors, or Go slices
// and scalars.
func (r *Runner) Call(ctx context.Context, name string, fn func(s *model.Scope, inputs []*graph.Node) []*graph.Node, inputs ...any) ([]*tensors.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	exec, ok := r.execs[name]
	if !ok {
		var err error
		if exec, err = model.NewExec(r.Backend, r.Store, func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
			outputs := fn(s, inputs)
			OverwriteVariables(s.Store(), outputs[0].Graph())
			return outputs
		}); err != nil {
			return nil, fmt.Errorf("%s: preparing to %s: %w", r.name, name, err)
		}
		// Texts and batches come in any size: without this, the 33rd one is an error.
		r.execs[name] = exec.WithName(r.name + " " + name).SetMaxCache(-1)
	}
	out, err := exec.Call(inputs...)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", r.name, name, err)
	}
	return out, nil
}
