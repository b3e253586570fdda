package nn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
)

// TestMaskedConvInParts wants what a row takes from the rows above and a pixel from its own row to be, together, what the whole picture's
// pass gives for that pixel.
func TestMaskedConvInParts(t *testing.T) {
	const row, column = 3, 2
	for _, c := range []MaskConfig{
		{In: 3, Out: 6, Kernel: [2]int{5, 3}, Mask: MaskA, Colours: 3},
		{In: 2, Out: 4, Kernel: [2]int{3, 5}, Mask: MaskB, Parts: 2},
		{In: 1, Out: 2, Kernel: [2]int{1, 3}, Mask: MaskA},
	} {
		l := Name(NewMaskedConv(c))
		backendtest.Each(t, func(t *testing.T, b compute.Backend) {
			store := model.NewStore()
			if err := Create(store.RootScope(), l, 1); err != nil {
				t.Fatal(err)
			}
			exec, err := model.NewExec(b, store, func(s *model.Scope, key *graph.Node) *graph.Node {
				up, left := c.Kernel[0]/2, c.Kernel[1]/2
				x := Uniform(key, 2, 6, 5, c.In)
				whole := graph.Squeeze(graph.Slice(l.Forward(s, x), graph.AxisRange(), graph.AxisElem(row), graph.AxisElem(column)), 1, 2)
				own := graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(row)), 1)
				parts := l.Pixel(s, graph.Slice(own, graph.AxisRange(), graph.AxisRange(column-left, column+1)))
				if up > 0 {
					above := l.Row(s, graph.Slice(x, graph.AxisRange(), graph.AxisRange(row-up, row)))
					parts = graph.Add(parts, graph.Squeeze(graph.Slice(above, graph.AxisRange(), graph.AxisElem(column)), 1))
				}
				return graph.ReduceAllMax(graph.Abs(graph.Sub(whole, parts)))
			})
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Call1([]uint32{1, 2})
			if err != nil {
				t.Fatal(err)
			}
			if off := out.Value().(float32); math.IsNaN(float64(off)) || off > 1e-5 {
				t.Errorf("%+v: the parts are off by %g", c, off)
			}
		})
	}
}

// TestMaskedConvRefusals wants a kernel without a middle, which would see the pixel itself, to be refused.
func TestMaskedConvRefusals(t *testing.T) {
	for _, c := range []MaskConfig{{In: 1, Out: 1, Kernel: [2]int{4, 4}}, {In: 1, Out: 3, Kernel: [2]int{3, 3}, Parts: 2}} {
		func() {
			defer func() {
				if _, ok := recover().(error); !ok {
					t.Errorf("%+v is no error", c)
				}
			}()
			NewMaskedConv(c)
		}()
	}
}
