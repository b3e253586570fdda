package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
)

// checkDerivatives holds first and second derivatives of f with respect to each of its inputs (float64, of the given shapes)
// against central differences along random directions.
func checkDerivatives(t *testing.T, b compute.Backend, f func(in []*graph.Node) *graph.Node, dims ...[]int) {
	t.Helper()
	checkDerivativesIn(t, b, model.NewStore(), f, dims...)
}

// checkDerivativesIn is checkDerivatives of what has variables in a store.
func checkDerivativesIn(t *testing.T, b compute.Backend, store *model.Store, f func(in []*graph.Node) *graph.Node, dims ...[]int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func() []*tensors.Tensor {
		list := make([]*tensors.Tensor, len(dims))
		for i, d := range dims {
			shape := shapes.Make(dtypes.Float64, d...)
			flat := make([]float64, shape.Size())
			for j := range flat {
				flat[j] = rng.NormFloat64()
			}
			list[i] = tensors.FromFlatDataAndDimensions(flat, d...)
		}
		return list
	}
	point, along, across := draw(), draw(), draw()

	// The result is made a scalar by a fixed curve, so that second derivatives don't vanish where f is linear.
	scalar := func(in []*graph.Node) *graph.Node {
		y := f(in)
		w := graph.Sin(graph.AddScalar(graph.Reshape(graph.Iota(y.Graph(), shapes.Make(dtypes.Float64, y.Shape().Size()), 0), y.Shape().Dimensions...), 1))
		return graph.ReduceAllSum(graph.Sin(graph.Mul(y, w)))
	}
	// slope is the derivative along a direction; twice is the derivative of that across another one.
	slope := func(in, u []*graph.Node) *graph.Node {
		sum := graph.ScalarZero(in[0].Graph(), dtypes.Float64)
		for i, g := range graph.Gradient(scalar(in), in...) {
			sum = graph.Add(sum, graph.ReduceAllSum(graph.Mul(g, u[i])))
		}
		return sum
	}
	n := len(dims)
	exec, err := model.NewExec(b, store, func(_ *model.Scope, all []*graph.Node) []*graph.Node {
		in, u, w := all[:n], all[n:2*n], all[2*n:]
		first := slope(in, u)
		second := graph.ScalarZero(in[0].Graph(), dtypes.Float64)
		for i, g := range graph.Gradient(first, in...) {
			second = graph.Add(second, graph.ReduceAllSum(graph.Mul(g, w[i])))
		}
		return []*graph.Node{scalar(in), first, second}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	at := func(direction []*tensors.Tensor, h float64) [3]float64 {
		var args []any
		for i, p := range point {
			flat := tensors.MustCopyFlatData[float64](p)
			for j, d := range tensors.MustCopyFlatData[float64](direction[i]) {
				flat[j] += h * d
			}
			args = append(args, tensors.FromFlatDataAndDimensions(flat, dims[i]...))
		}
		for _, list := range [][]*tensors.Tensor{along, across} {
			for _, x := range list {
				args = append(args, x)
			}
		}
		out, err := exec.Call(args...)
		if err != nil {
			t.Fatal(err)
		}
		return [3]float64{tensors.ToScalar[float64](out[0]), tensors.ToScalar[float64](out[1]), tensors.ToScalar[float64](out[2])}
	}
	const h = 1e-5
	got := at(along, 0)
	up, down := at(along, h), at(along, -h)
	if want := (up[0] - down[0]) / (2 * h); !(math.Abs(got[1]-want) <= 1e-6*(1+math.Abs(want))) {
		t.Errorf("first derivative %.9g, difference quotient %.9g", got[1], want)
	}
	up, down = at(across, h), at(across, -h)
	if want := (up[1] - down[1]) / (2 * h); !(math.Abs(got[2]-want) <= 1e-6*(1+math.Abs(want))) {
		t.Errorf("second derivative %.9g, difference quotient %.9g", got[2], want)
	}
}

func TestWithGradient(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		// A matrix product whose own derivative is cut off, used twice.
		product := func(in []*graph.Node) *graph.Node {
			x, w := in[0], in[1]
			once := func(x *graph.Node) *graph.Node {
				return withGradient(graph.Dot(x, w).Product(), []*graph.Node{x, w}, func(i int, v *graph.Node) *graph.Node {
					if i == 0 {
						return graph.Dot(v, graph.Transpose(w, 0, 1)).Product()
					}
					return graph.Dot(graph.Transpose(x, 0, 1), v).Product()
				})
			}
			return once(graph.Tanh(once(x)))
		}
		checkDerivatives(t, b, product, []int{2, 3}, []int{3, 3})

		// Only what is asked for is built.
		_, err := graph.CallOnce(b, func(x, w *graph.Node) *graph.Node {
			y := withGradient(graph.Mul(x, w), []*graph.Node{x, w}, func(i int, v *graph.Node) *graph.Node {
				if i == 1 {
					panic(errorf("asked for a gradient that nobody needs"))
				}
				return graph.Mul(v, w)
			})
			return graph.Gradient(graph.ReduceAllSum(y), x)[0]
		}, []float32{1}, []float32{2})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestPadDerivatives(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, mode := range []PadMode{PadZero, PadReflect, PadReplicate} {
			t.Run(string(mode), func(t *testing.T) {
				checkDerivatives(t, b, func(in []*graph.Node) *graph.Node {
					return Pad(in[0], mode, []int{0, 1, 2}, []int{0, 3, 0})
				}, []int{2, 5, 4, 2})
			})
		}
	})
}

// Gradient penalties go through these, too.
func TestNormDerivatives(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for groups := 1; groups <= 4; groups += 3 { // a layer norm of pictures, an instance norm
			checkDerivatives(t, b, func(in []*graph.Node) *graph.Node {
				return LeakyReLU{Slope: 0.2}.Forward(nil, normGroups(in[0], groups, 1e-5))
			}, []int{2, 3, 2, 4})
		}
	})
}
