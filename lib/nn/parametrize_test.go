package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
)

// TestNormedWeights begins with normed weights: a weight norm leaves the weight what it was, a spectral norm makes its largest singular value
// 1, and training from there moves both. (Their numbers are compared with PyTorch's in nnspec.)
func TestNormedWeights(t *testing.T) {
	weight := func(t *testing.T, b compute.Backend, norm func(p *Param)) ([]float32, []string) {
		l := NewConv2d(3, 4, []int{2}, ConvOptions{NoBias: true})
		norm(l.Weight)
		Name(l)
		var names []string
		for name := range Params(l) {
			names = append(names, name)
		}
		store := model.NewStore()
		if err := Create(store.RootScope(), l, 1); err != nil {
			t.Fatal(err)
		}
		params := Trained(l)
		exec, err := model.NewExec(b, store, func(s *model.Scope, x *graph.Node) []*graph.Node {
			w := l.Weight.Node(s, x.Graph())
			return append([]*graph.Node{w}, Gradients(s, graph.ReduceAllSum(graph.Square(l.Forward(s, x))), params)...)
		})
		if err != nil {
			t.Fatal(err)
		}
		defer exec.Finalize()
		out, err := exec.Call([][][][]float32{{{{1, 2, 3}, {4, -5, 6}}, {{7, 8, -9}, {10, 11, 12}}}})
		if err != nil {
			t.Fatal(err)
		}
		for i, grad := range out[1:] {
			if flat := tensors.MustCopyFlatData[float32](grad); !slices.ContainsFunc(flat, func(v float32) bool { return math.Abs(float64(v)) > 1e-3 }) {
				t.Errorf("%s has no gradient", names[i])
			}
		}
		return tensors.MustCopyFlatData[float32](out[0]), names
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		weightNorm, names := weight(t, b, func(p *Param) { WeightNorm(p, 0, OldParametric) })
		if !slices.Equal(names, []string{"weight_g", "weight_v"}) {
			t.Errorf("a weight norm's parameters are %v", names)
		}
		// The direction was drawn by its own name; it is the weight where each row's length is the direction's.
		l := Name(&struct {
			V *Param `nn:"weight_v"`
		}{&Param{Shape: []int{2, 2, 3, 4}, Init: fanInInit(12)}})
		store := model.NewStore()
		if err := Create(store.RootScope(), l, 1); err != nil {
			t.Fatal(err)
		}
		v, err := l.V.Variable(store.RootScope())
		if err != nil {
			t.Fatal(err)
		}
		value, err := v.Value()
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range tensors.MustCopyFlatData[float32](value) {
			if math.Abs(float64(weightNorm[i]-want)) > 1e-6 {
				t.Fatalf("value %d of a weight with a norm is %g at first, want its direction's %g", i, weightNorm[i], want)
			}
		}

		spectral, names := weight(t, b, func(p *Param) { SpectralNorm(p, 0, 1, Parametrized) })
		if !slices.Equal(names, []string{"parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v"}) {
			t.Errorf("a spectral norm's parameters are %v", names)
		}
		p := &Param{Shape: []int{2, 2, 3, 4}, Perm: []int{3, 2, 0, 1}}
		rows := p.inFileRows(spectral, 0)
		u, w := singularVectors(rows)
		var largest float64
		for i, row := range rows {
			largest += u[i] * dot(row, w)
		}
		if math.Abs(largest-1) > 1e-3 {
			t.Errorf("the largest singular value of a weight with a spectral norm is %g, want 1", largest)
		}
	})
}

// TestChannelDropout drops channels as a whole, about as many as asked for, and nothing outside of training.
func TestChannelDropout(t *testing.T) {
	ones := make([][][]float32, 50)
	for i := range ones {
		ones[i] = [][]float32{slices.Repeat([]float32{1}, 20), slices.Repeat([]float32{1}, 20)}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, training := range []bool{false, true} {
			exec, err := model.NewExec(b, model.NewStore(), func(s *model.Scope, x *graph.Node) *graph.Node {
				s.Store().SetTraining(x.Graph(), training)
				SeedGraph(s, graph.Const(x.Graph(), []uint32{1, 2}))
				return (&ChannelDropout{Axes: 1, P: 0.25}).Forward(s, x)
			})
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Call(ones)
			if err != nil {
				t.Fatal(err)
			}
			dropped := 0
			for _, sample := range out[0].Value().([][][]float32) {
				if !slices.Equal(sample[0], sample[1]) {
					t.Fatal("a channel is dropped in part")
				}
				for _, v := range sample[0] {
					switch {
					case training && v == 0:
						dropped++
					case training && math.Abs(float64(v)-1/0.75) > 1e-6 || !training && v != 1:
						t.Fatalf("training %v: 1 becomes %g", training, v)
					}
				}
			}
			if training && (dropped < 200 || dropped > 300) {
				t.Errorf("%d of 1000 channels were dropped, want about 250", dropped)
			}
			exec.Finalize()
		}
	})
}
