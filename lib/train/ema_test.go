package train

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
)

// weights is a model of one parameter and one buffer.
type weights struct {
	W *nn.Param `nn:"w"`
	B *nn.Param `nn:"b"`
}

func TestEMA(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		net := nn.Name(&weights{&nn.Param{Shape: []int{2}, Init: nn.NormalInit(0, 1)}, &nn.Param{Shape: []int{1}, Buffer: true}})
		store := model.NewStore()
		s, mean := store.RootScope().At("model"), store.RootScope().At("mean")
		for _, scope := range []*model.Scope{s, mean} {
			if err := nn.Create(scope, net, 3); err != nil {
				t.Fatal(err)
			}
		}
		read := func(scope *model.Scope, p *nn.Param) []float32 {
			v, err := p.Variable(scope)
			if err != nil {
				t.Fatal(err)
			}
			value, err := v.Value()
			if err != nil {
				t.Fatal(err)
			}
			return tensors.MustCopyFlatData[float32](value)
		}
		want := read(mean, net.W)
		exec, err := model.NewExec(b, store, func(_ *model.Scope, x *graph.Node) *graph.Node {
			net.W.Set(s, graph.AddScalar(net.W.Node(s, x.Graph()), 1)) // the optimiser's work
			net.B.Set(s, graph.AddScalar(net.B.Node(s, x.Graph()), 2))
			EMA{Decay: 0.25}.Update(mean, s, net, x.Graph())
			return x
		})
		if err != nil {
			t.Fatal(err)
		}
		// tf.train.ExponentialMovingAverage's rule, written out: decay = min(0.25, (1+n)/(10+n)).
		for n, decay := range []float64{2. / 11, 3. / 12, 0.25, 0.25} {
			if _, err := exec.Call1(float32(0)); err != nil {
				t.Fatal(err)
			}
			got, now := read(mean, net.W), read(s, net.W)
			for i := range want {
				want[i] = float32(decay)*want[i] + float32(1-decay)*now[i]
				if math.Abs(float64(got[i]-want[i])) > 1e-5 {
					t.Errorf("step %d: mean %g, want %g", n+1, got[i], want[i])
				}
			}
			if got := read(mean, net.B)[0]; got != float32(2*(n+1)) {
				t.Errorf("step %d: buffer %g, want %d", n+1, got, 2*(n+1))
			}
		}
	})
	for _, decay := range []float64{-0.1, 1} {
		if (EMA{decay}).Validate() == nil {
			t.Errorf("no error for a decay of %g", decay)
		}
	}
}
