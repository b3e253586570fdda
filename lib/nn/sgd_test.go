package nn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
)

// PyTorch 2.9.1: p = torch.tensor([0., 0.], requires_grad=True), torch.optim.SGD([p], lr=0.01, momentum=m), five steps on
// ((p - [1, -3])**4).sum(), the rate divided by the step's number before each.
func TestSGD(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for momentum, want := range map[float64][2]float64{
			0:   {0.08321647, -1.382186},
			0.9: {0.1621059, -2.597248},
		} {
			l := Name(&struct {
				P *Param `nn:"p"`
			}{&Param{Shape: []int{2}}})
			store := model.NewStore()
			if err := Create(store.RootScope(), l, 1); err != nil {
				t.Fatal(err)
			}
			o := SGD{Momentum: momentum, Rate: func(step *graph.Node) *graph.Node { return graph.Div(scalar(step, 0.01), step) }}
			exec, err := model.NewExec(b, store, func(s *model.Scope, target *graph.Node) *graph.Node {
				p := l.P.Node(s, target.Graph())
				loss := graph.ReduceAllSum(graph.Square(graph.Square(graph.Sub(p, target))))
				params := Trained(l)
				o.Update(s, params, Gradients(s, loss, params))
				return l.P.Node(s, target.Graph())
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []float32
			for range 5 {
				out, err := exec.Exec([]float32{1, -3})
				if err != nil {
					t.Fatal(err)
				}
				got = tensors.MustCopyFlatData[float32](out[0])
			}
			for i, w := range want {
				if !(math.Abs(float64(got[i])-w) <= 1e-5) {
					t.Errorf("momentum %g: value %d is %g, PyTorch gives %g", momentum, i, got[i], w)
				}
			}
		}
	})
}
