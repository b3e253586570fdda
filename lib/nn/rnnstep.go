package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Project gives what inputs x, [n, input], add to the first layer's gates, [n, gates·hidden], as [Recurrent.Step] takes it.
func (r *Recurrent) Project(s *model.Scope, x *graph.Node) *graph.Node {
	return transposed(r.recurrence(s, r.runs[0], x.Graph()).project(transposed(x)))
}

// Step is Forward for one step, in a loop that chooses each input by the output before: in one direction, without dropout and gradient.
// gx: what the inputs add to the first layer's gates, [batch, gates·hidden], by [Recurrent.Project]; y: [batch, hidden].
func (r *Recurrent) Step(s *model.Scope, gx *graph.Node, state RecurrentState) (y *graph.Node, last RecurrentState) {
	if r.Bidirectional {
		panic(errorf("recurrent layer %s reads whole sequences: it has no step of its own", r))
	}
	gx = transposed(gx)
	var finals [][]*graph.Node
	for i, p := range r.runs {
		q := r.recurrence(s, p, gx.Graph())
		if i > 0 {
			gx = q.project(transposed(y))
		}
		next, _ := q.step(allTransposed(state.of(i)), []*graph.Node{gx})
		final := allTransposed(next)
		y, finals = final[0], append(finals, final)
	}
	return y, stateOfRuns(finals)
}
