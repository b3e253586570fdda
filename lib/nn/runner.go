package nn

import (
	"context"
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Runner holds a model's variables and runs its graphs, each compiled once for each shape of its inputs. Graphs that change no variable
// may be called from several goroutines at once.
type Runner struct {
	Backend compute.Backend
	Store   *model.Store

	name  string
	mutex sync.Mutex // of execs
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
	exec, err := r.exec(name, fn)
	if err != nil {
		return nil, fmt.Errorf("%s: preparing to %s: %w", r.name, name, err)
	}
	out, err := exec.Call(inputs...)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", r.name, name, err)
	}
	return out, nil
}

// exec is the graph of that name, made at the first call.
func (r *Runner) exec(name string, fn func(s *model.Scope, inputs []*graph.Node) []*graph.Node) (*model.Exec, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if exec, ok := r.execs[name]; ok {
		return exec, nil
	}
	exec, err := model.NewExec(r.Backend, r.Store, func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		outputs := fn(s, inputs)
		OverwriteVariables(s.Store(), outputs[0].Graph())
		return outputs
	})
	if err != nil {
		return nil, err
	}
	// Texts and batches come in any size: without this, the 33rd one is an error.
	r.execs[name] = exec.WithName(r.name + " " + name).SetMaxCache(-1)
	return exec, nil
}
