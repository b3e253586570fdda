package nn

import (
	"reflect"

	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// OverwriteVariables lets XLA write the new value of each variable that the graph changes over the old one, which model.Exec gives
// away: without it a training step writes all its weights and moments into memory of their own. It is the last thing that a
// graph function does. Other backends, and variables shared by several devices, stay as they are.
func OverwriteVariables(s *model.Store, g *graph.Graph) {
	output := int32(0) // model.Exec returns the changed variables first, in the store's order
	for v := range s.IterVariables() {
		if !v.ChangedInGraph(g) {
			continue
		}
		if input := programInput(g.GetParameterByName(v.Path())); input != nil && v.NodeValue(g).Shape().Equal(v.Shape()) {
			if input.Attributes == nil {
				input.Attributes = map[string]any{}
			}
			if _, sharded := input.Attributes["sdy.sharding"]; !sharded {
				input.Attributes["tf.aliasing_output"] = output
			}
		}
		output++
	}
}

// programInput is the parameter in go-xla's program; nil where the backend isn't XLA. go-xla can write the attribute and GoMLX has no
// way to ask for it.
func programInput(parameter *graph.Node) *stablehlo.Value {
	ops, ok := unexported(reflect.ValueOf(parameter), "outputOps")
	if !ok || ops.Len() != 1 {
		return nil
	}
	value, ok := unexported(reflect.ValueOf(ops.Index(0).Interface()), "value")
	if !ok {
		return nil
	}
	input, _ := value.Interface().(*stablehlo.Value)
	return input
}
