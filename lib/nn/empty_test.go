package nn_test

import (
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
)

// TestEmptyBatch has layers give what PyTorch gives of a batch of none: a tensor without values, of the usual sizes, and gradients of 0.
func TestEmptyBatch(t *testing.T) {
	three := []int{3}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct {
			layer     module
			in, wants []int
		}{
			{nn.NewLinear(4, 2, true), []int{0, 4}, []int{0, 2}},
			{nn.NewLinear(4, 2, true), []int{0, 3, 4}, []int{0, 3, 2}},
			{nn.NewLayerNorm(4, true), []int{0, 4}, []int{0, 4}},
			{nn.NewConv1d(4, 2, three, nn.ConvOptions{}), []int{0, 5, 4}, []int{0, 3, 2}},
			{nn.NewConv2d(4, 2, three, nn.ConvOptions{Stride: []int{2}, Padding: []int{1}}), []int{0, 5, 6, 4}, []int{0, 3, 3, 2}},
			{nn.NewConvTranspose2d(4, 2, three, nn.ConvOptions{Stride: []int{2}}), []int{0, 2, 3, 4}, []int{0, 5, 7, 2}},
			{nn.UpsampleBy(2), []int{0, 2, 3, 4}, []int{0, 4, 6, 4}},
			{nn.Upsample{InterpolateOptions: nn.InterpolateOptions{Scale: []float64{2}, Mode: "bilinear"}}, []int{0, 2, 3, 4}, []int{0, 4, 6, 4}},
			{nn.NewGroupNorm(2, 4), []int{0, 3, 3, 4}, []int{0, 3, 3, 4}},
			{nn.NewInstanceNorm2d(4), []int{0, 3, 3, 4}, []int{0, 3, 3, 4}},
			{nn.NewBatchNorm2d(4), []int{0, 3, 3, 4}, []int{0, 3, 3, 4}},
			{nn.NewRMSNorm(4, 1e-6), []int{0, 3, 4}, []int{0, 3, 4}},
			{nn.NewMaxPool2d([]int{2}, nn.PoolOptions{}), []int{0, 4, 6, 4}, []int{0, 2, 3, 4}},
			{nn.NewAvgPool2d([]int{2}, nn.PoolOptions{}), []int{0, 4, 6, 4}, []int{0, 2, 3, 4}},
			{nn.NewAdaptiveAvgPool2d(1), []int{0, 4, 6, 4}, []int{0, 1, 1, 4}},
			{nn.Flatten{}, []int{0, 4, 6, 4}, []int{0, 96}},
			{nn.NewPReLU(1), []int{0, 3}, []int{0, 3}},
			{nn.ReLU{}, []int{0, 3}, []int{0, 3}},
			{nn.LeakyReLU{Slope: 0.1}, []int{0, 3}, []int{0, 3}},
			{nn.GELU{}, []int{0, 3}, []int{0, 3}},
			{nn.SiLU{}, []int{0, 3}, []int{0, 3}},
			{nn.ELU{}, []int{0, 3}, []int{0, 3}},
			{nn.Tanh{}, []int{0, 3}, []int{0, 3}},
			{nn.Softmax{Dim: -1}, []int{0, 3}, []int{0, 3}},
			{nn.Padding{Mode: nn.PadReflect, Before: []int{1}, After: []int{1}}, []int{0, 3, 2}, []int{0, 5, 2}},
		} {
			store := model.NewStore()
			root := []any{c.layer}
			if err := nn.Create(store.RootScope(), nn.Name(root), 1); err != nil {
				t.Fatal(err)
			}
			params := nn.Trained(root)
			exec, err := model.NewExec(b, store, func(s *model.Scope, x *graph.Node) []*graph.Node {
				y := c.layer.Forward(s, x)
				return append([]*graph.Node{y}, nn.Gradients(s, graph.ReduceAllSum(graph.Square(y)), params)...)
			})
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Call(tensors.FromShape(shapes.Make(dtypes.Float32, c.in...)))
			if err != nil {
				t.Errorf("%v of %v: %v", c.layer, c.in, err)
				continue
			}
			if got := out[0].Shape().Dimensions; !slices.Equal(got, c.wants) {
				t.Errorf("%v of %v gives %v, want %v", c.layer, c.in, got, c.wants)
			}
			for i, grad := range out[1:] {
				if flat := tensors.MustCopyFlatData[float32](grad); slices.ContainsFunc(flat, func(v float32) bool { return v != 0 }) {
					t.Errorf("%v of %v: gradient %d is %v, want zeros", c.layer, c.in, i, flat)
				}
			}
		}
	})
}
