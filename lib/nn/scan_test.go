package nn

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
)

// scanLoss is a scan that uses all that a scan offers: two states, an integer one, two inputs, the step, two outputs, a captured
// matrix and vector. h: [2, 3], w: [3, 3], b: [3], x: [T, 2, 3], z: [T]; the loss is a scalar.
func scanLoss(c ScanConfig, h, w, b, x, z *graph.Node) *graph.Node {
	g := h.Graph()
	count := graph.Scalar(g, dtypes.Int32, 3)
	body := func(step *graph.Node, carry, x []*graph.Node) (next, y []*graph.Node) {
		time := graph.ConvertDType(graph.AddScalar(step, 1), dtypes.Float32)
		state := graph.Tanh(graph.Add(graph.Add(graph.Dot(carry[0], w).Product(), x[0]), graph.InsertAxes(b, 0)))
		scale := graph.Mul(carry[1], graph.Add(x[1], graph.DivScalar(time, 10)))
		n := graph.AddScalar(carry[2], 1)
		out := graph.Mul(state, graph.ConvertDType(n, dtypes.Float32))
		return []*graph.Node{state, scale, n}, []*graph.Node{out, graph.ReduceAllSum(graph.Mul(state, scale))}
	}
	final, ys := Scan(c, []*graph.Node{h, graph.Scalar(g, dtypes.Float32, 0.7), count}, []*graph.Node{x, z}, body)
	loss := graph.ReduceAllSum(graph.Mul(final[0], final[1]))
	loss = graph.Add(loss, graph.ReduceAllSum(graph.Square(ys[0])))
	return graph.Add(loss, graph.ReduceAllSum(graph.Sin(ys[1])))
}

func ramp(seed float64, dims ...int) *tensors.Tensor {
	values := make([]float32, shapes.Make(dtypes.Float32, dims...).Size())
	for i := range values {
		values[i] = float32(0.6 * math.Sin(seed+1.7*float64(i)))
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// The gradient of each input, by finite differences of the unrolled loss on the same backend, holds for every form of the loop.
func TestScanGradient(t *testing.T) {
	const length = 7
	names := []string{"h", "w", "b", "x", "z"}
	forms := map[string]ScanConfig{
		"unrolled": {Unroll: UnrollAlways},
		"loop":     {Unroll: UnrollNever},
		"segments": {Unroll: UnrollNever, Segment: 3},
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		inputs := []*tensors.Tensor{ramp(1, 2, 3), ramp(2, 3, 3), ramp(3, 3), ramp(4, length, 2, 3), ramp(5, length)}
		for _, reverse := range []bool{false, true} {
			loss := graph.MustNewExec(b, func(in []*graph.Node) *graph.Node {
				return scanLoss(ScanConfig{Unroll: UnrollAlways, Reverse: reverse}, in[0], in[1], in[2], in[3], in[4])
			})
			value := func(in []*tensors.Tensor) float64 {
				out, err := loss.Call1(in[0], in[1], in[2], in[3], in[4])
				if err != nil {
					t.Fatal(err)
				}
				return float64(tensors.ToScalar[float32](out))
			}
			want := make([][]float64, len(inputs))
			for i, in := range inputs {
				flat := tensors.MustCopyFlatData[float32](in)
				for j := range flat {
					const eps = 1e-2
					moved := append([]*tensors.Tensor{}, inputs...)
					var side [2]float64
					for s, sign := range []float32{1, -1} {
						other := append([]float32{}, flat...)
						other[j] += sign * eps
						moved[i] = tensors.FromFlatDataAndDimensions(other, in.Shape().Dimensions...)
						side[s] = value(moved)
					}
					want[i] = append(want[i], (side[0]-side[1])/(2*eps))
				}
			}
			for name, c := range forms {
				c.Reverse = reverse
				out, err := graph.CallOnceN(b, func(in []*graph.Node) []*graph.Node {
					l := scanLoss(c, in[0], in[1], in[2], in[3], in[4])
					return append(graph.Gradient(l, in...), l)
				}, inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if got, want := float64(tensors.ToScalar[float32](out[5])), value(inputs); math.Abs(got-want) > 1e-4 {
					t.Errorf("%s, reverse %v: loss %g, want %g", name, reverse, got, want)
				}
				for i := range inputs {
					for j, got := range tensors.MustCopyFlatData[float32](out[i]) {
						if math.Abs(float64(got)-want[i][j]) > 2e-2*(1+math.Abs(want[i][j])) {
							t.Errorf("%s, reverse %v: gradient %d of %s is %g, want %g", name, reverse, j, names[i], got, want[i][j])
						}
					}
				}
			}
		}
	})
}

// A loop inside a loop, with a captured matrix in the inner one, has the gradient of the same steps written out.
func TestScanNested(t *testing.T) {
	build := func(unroll Unroll) func(h, w, x *graph.Node) []*graph.Node {
		c := ScanConfig{Unroll: unroll}
		return func(h, w, x *graph.Node) []*graph.Node {
			final, ys := Scan(c, []*graph.Node{h}, []*graph.Node{x}, func(_ *graph.Node, carry, x []*graph.Node) (next, y []*graph.Node) {
				inner := c
				inner.Reverse = true
				return Scan(inner, carry, x, func(_ *graph.Node, carry, x []*graph.Node) (next, y []*graph.Node) {
					state := graph.Tanh(graph.Add(graph.Dot(carry[0], w).Product(), x[0]))
					return []*graph.Node{state}, []*graph.Node{graph.Mul(state, x[0])}
				})
			})
			loss := graph.Add(graph.ReduceAllSum(final[0]), graph.ReduceAllSum(graph.Square(ys[0])))
			return append(graph.Gradient(loss, h, w, x), loss)
		}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		args := []any{ramp(1, 2, 3), ramp(2, 3, 3), ramp(3, 4, 5, 2, 3)}
		want, err := graph.CallOnceN(b, build(UnrollAlways), args...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := graph.CallOnceN(b, build(UnrollNever), args...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !got[i].InDelta(want[i], 1e-5) {
				t.Errorf("result %d: got %v, want %v", i, got[i], want[i])
			}
		}
	})
}

// What a body uses may be computed from another thing that it uses, and may come in as input too.
func TestScanDependentCaptures(t *testing.T) {
	build := func(unroll Unroll) func(x, w *graph.Node) []*graph.Node {
		return func(x, w *graph.Node) []*graph.Node {
			v := graph.Sin(w)
			c := ScanConfig{Length: 3, Unroll: unroll}
			final, _ := Scan(c, []*graph.Node{graph.Mul(w, w)}, []*graph.Node{x}, func(_ *graph.Node, c, x []*graph.Node) (next, y []*graph.Node) {
				return []*graph.Node{graph.Mul(graph.Add(c[0], v), graph.Add(graph.Exp(w), x[0]))}, nil
			})
			return append(graph.Gradient(graph.ReduceAllSum(final[0]), x, w), final...)
		}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		want, err := graph.CallOnceN(b, build(UnrollAlways), ramp(1, 3, 2), ramp(2, 2))
		if err != nil {
			t.Fatal(err)
		}
		got, err := graph.CallOnceN(b, build(UnrollNever), ramp(1, 3, 2), ramp(2, 2))
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !got[i].InDelta(want[i], 1e-4) {
				t.Errorf("result %d: got %v, want %v", i, got[i], want[i])
			}
		}
	})
}

// Compiling takes the same time at any length.
func TestScanCompileTime(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		compile := func(length int) time.Duration {
			x := ramp(1, length, 2, 3)
			began := time.Now()
			e := graph.MustNewExec(b, func(h, w, bias, x, z *graph.Node) []*graph.Node {
				return graph.Gradient(scanLoss(ScanConfig{Unroll: UnrollNever}, h, w, bias, x, z), h, w, bias, x, z)
			})
			if _, err := e.Call(ramp(1, 2, 3), ramp(2, 3, 3), ramp(3, 3), x, ramp(5, length)); err != nil {
				t.Fatal(err)
			}
			return time.Since(began)
		}
		if !b.Capabilities().Operations[compute.OpTypeDynamicSlice] {
			t.Skip("this backend compiles nothing")
		}
		compile(16) // what the first one pays beside
		short, long := compile(16), compile(4096)
		if long > 4*short+time.Second {
			t.Errorf("length 16: compiled and run once in %v; length 4096: %v", short, long)
		}
	})
}

// ArgMax stands inside a loop and outside of it, and takes the first of equals.
func TestArgMax(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnceN(b, func(x *graph.Node) []*graph.Node {
			outside := ArgMax(x)
			state := []*graph.Node{graph.Const(x.Graph(), true), graph.ZerosLike(outside)}
			return []*graph.Node{outside, Loop(2, state, func(_ *graph.Node, state []*graph.Node) []*graph.Node {
				return []*graph.Node{state[0], graph.Add(state[1], ArgMax(x))}
			})[1]}
		}, [][][]float32{{{1, 3, 3}, {2, 1, 0}}, {{-3, -2, -1}, {0, 0, 0}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(out[0].Value(), out[1].Value()); got != "[[1 0] [2 0]] [[2 0] [4 0]]" {
			t.Errorf("places %s", got)
		}
	})
}

func TestScanRefuses(t *testing.T) {
	keep := func(_ *graph.Node, carry, _ []*graph.Node) (next, y []*graph.Node) { return carry, nil }
	cases := []struct {
		want  string
		build func(x *graph.Node)
	}{
		{"neither", func(*graph.Node) { Scan(ScanConfig{Length: 2}, nil, nil, keep) }},
		{"at least 1", func(x *graph.Node) { Scan(ScanConfig{}, []*graph.Node{x}, nil, keep) }},
		{"first axis must be the scan's length, 3", func(x *graph.Node) { Scan(ScanConfig{Length: 3}, nil, []*graph.Node{x}, keep) }},
		{"state of 0 tensors", func(x *graph.Node) {
			Scan(ScanConfig{Length: 3}, []*graph.Node{x}, nil, func(*graph.Node, []*graph.Node, []*graph.Node) (next, y []*graph.Node) { return nil, nil })
		}},
		{"differentiate once", func(x *graph.Node) {
			final, _ := Scan(ScanConfig{Length: 3, Unroll: UnrollNever}, []*graph.Node{x}, nil, func(_ *graph.Node, c, _ []*graph.Node) (next, y []*graph.Node) {
				return []*graph.Node{graph.Sin(c[0])}, nil
			})
			d := graph.Gradient(graph.ReduceAllSum(final[0]), x)[0]
			graph.Gradient(graph.ReduceAllSum(d), x)
		}},
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range cases {
			_, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node {
				c.build(x)
				return x
			}, []float32{1, 2})
			if err == nil || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("want an error with %q, got %v", c.want, err)
			}
		}
	})
}

// The article's RNN is written out, an LSTM of 512 is not, however short.
func TestUnrollShort(t *testing.T) {
	b, err := backend.New("go")
	if err != nil {
		t.Fatal(err)
	}
	g := graph.NewGraph(b, "states")
	for _, c := range []struct {
		length int
		state  []int
		want   bool
	}{{15, []int{5, 20}, true}, {17, []int{1, 8}, false}, {8, []int{32, 512}, false}, {16, []int{128}, true}, {16, []int{129}, false}} {
		config := ScanConfig{Length: c.length}
		if got := config.short([]*graph.Node{graph.Zeros(g, shapes.Make(dtypes.Float32, c.state...))}); got != c.want {
			t.Errorf("%d steps of %v: written out %v", c.length, c.state, got)
		}
	}
}

// TestScanUsesItsFirstState has a body that uses the computed value which the state begins with: the pure-Go backend fails on a loop that is
// given one value twice, and whose last output nothing asks for.
func TestScanUsesItsFirstState(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []ScanConfig{{Length: 3, Unroll: UnrollNever, NoGradient: true}, {Length: 3, Unroll: UnrollNever}} {
			out, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node {
				twice := graph.MulScalar(x, 2)
				final, _ := Scan(c, []*graph.Node{twice}, nil, func(_ *graph.Node, state, _ []*graph.Node) (next, y []*graph.Node) {
					return []*graph.Node{graph.Add(graph.Mul(state[0], state[0]), twice)}, nil
				})
				return final[0]
			}, []float32{0, 1})
			if err != nil {
				t.Errorf("%+v: %v", c, err)
			} else if got := out.Value().([]float32); got[0] != 0 || got[1] != 1446 { // 2²+2 = 6, 6²+2 = 38, 38²+2
				t.Errorf("%+v: %v", c, got)
			}
		}
	})
}
