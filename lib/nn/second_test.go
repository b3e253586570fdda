package nn

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
)

// checkLayer is checkDerivatives for a layer, with respect to its input and its parameters, which are the derivative's other inputs.
func checkLayer(t *testing.T, b compute.Backend, layer any, forward func(s *model.Scope, x *graph.Node) *graph.Node, dims ...int) {
	t.Helper()
	Name([]any{layer})
	store := model.NewStore()
	all := [][]int{dims}
	var params []*Param
	for _, p := range Trained(layer) {
		params, all = append(params, p), append(all, p.Shape)
		p.DType = dtypes.Float64
		store.RootScope().VariableWithShape(p.path, shapes.Make(dtypes.Float64, p.Shape...))
	}
	checkDerivativesIn(t, b, store, func(in []*graph.Node) *graph.Node {
		for i, p := range params {
			p.Set(store.RootScope(), in[1+i])
		}
		return forward(store.RootScope(), in[0])
	}, all...)
}

// TestSecondDerivatives are those that gradient penalties need of layers made of slices.
func TestSecondDerivatives(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		t.Run("attention", func(t *testing.T) {
			a := NewMultiheadAttention(4, 2, 0)
			checkLayer(t, b, a, func(s *model.Scope, x *graph.Node) *graph.Node {
				y, _ := a.Forward(s, x, x, Causal(x.Graph(), 3))
				return y
			}, 2, 3, 4)
		})
		t.Run("rotary", func(t *testing.T) {
			checkDerivatives(t, b, func(in []*graph.Node) *graph.Node {
				return Rotary(in[0], graph.Iota(in[0].Graph(), shapes.Make(dtypes.Int32, 3), 0), 100)
			}, []int{2, 3, 2, 4})
		})
		for _, cell := range []Cell{TanhCell, LSTMCell, GRUCell} {
			r := NewRecurrent(RecurrentConfig{Cell: cell, Input: 2, Hidden: 3, Layers: 2, Bidirectional: true})
			t.Run(r.String(), func(t *testing.T) {
				checkLayer(t, b, r, func(s *model.Scope, x *graph.Node) *graph.Node {
					zero := graph.Zeros(x.Graph(), shapes.Make(dtypes.Float64, 4, 2, 3))
					state := RecurrentState{H: zero}
					if cell == LSTMCell {
						state.C = zero
					}
					y, _ := r.Forward(s, x, state, nil)
					return y
				}, 4, 2, 2)
			})
		}
	})
}
