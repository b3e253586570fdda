package upstream

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"genlab/lib/backend"
)

// TestUpstream pins what docs/gomlx.md lists: each of these fails once GoMLX is mended, and then says what to drop. It stands in a package
// of its own, for lib/nn mends some of it wherever it is linked in.
func TestUpstream(t *testing.T) {
	b, err := backend.New("go")
	if err != nil {
		t.Fatal(err)
	}
	mended := func(t *testing.T, drop string) {
		t.Helper()
		t.Errorf("GoMLX is mended: drop %s and the row in docs/gomlx.md", drop)
	}

	t.Run("gradient of a convolution with an even kernel", func(t *testing.T) {
		out, err := graph.CallOnce(b, func(x, k, v *graph.Node) *graph.Node {
			y := graph.Convolve(x, k).Strides(2).PaddingPerDim([][2]int{{1, 1}}).Done()
			return graph.Gradient(graph.ReduceAllSum(graph.Mul(y, v)), x)[0]
		}, line(0, 0, 0, 0, 0, 0, 0, 0), [][][]float32{{{.3}}, {{.6}}, {{.9}}, {{1.2}}}, line(1, 2, 3, 4))
		if err != nil {
			t.Fatal(err)
		}
		want := []float32{.6, 1.5, 2.4, 2.7, 4.2, 3.9, 6, 3.6}
		off := 0.0
		for i, got := range tensors.MustCopyFlatData[float32](out) {
			off = max(off, math.Abs(float64(got-want[i])))
		}
		if off < 1e-4 {
			mended(t, "nn.Convolve's gradient of the input")
		}
	})

	t.Run("stride with dilation", func(t *testing.T) {
		if _, err := graph.CallOnce(b, func(x, k *graph.Node) *graph.Node {
			return graph.Convolve(x, k).Strides(2).Dilations(2).Done()
		}, line(1, 2, 3, 4, 5), [][][]float32{{{1}}, {{1}}}); err == nil {
			mended(t, "the remark that Convolve refuses them")
		}
	})

	// No gradient at all, or no second one.
	kernel := func(g *graph.Graph) *graph.Node { return graph.Const(g, [][][]float32{{{.3}}, {{.6}}, {{.9}}}) }
	for _, c := range []struct {
		name, drop string
		order      int
		f          func(x *graph.Node) *graph.Node
	}{
		{"a transposed convolution", "nn.ConvTranspose", 1, func(x *graph.Node) *graph.Node {
			return graph.Convolve(x, kernel(x.Graph())).InputDilationPerAxis(2).PaddingPerDim([][2]int{{1, 1}}).Done()
		}},
		{"a strided convolution, twice", "nn.Convolve", 2, func(x *graph.Node) *graph.Node {
			return graph.Convolve(x, kernel(x.Graph())).Strides(2).PaddingPerDim([][2]int{{1, 1}}).Done()
		}},
		{"Pad", "nn.Pad's own gradient", 1, func(x *graph.Node) *graph.Node {
			return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), graph.PadAxis{}, graph.PadAxis{Start: 1})
		}},
		{"Slice, twice", "Slice in lib/nn/vjps.go, crop in pad.go", 2, func(x *graph.Node) *graph.Node {
			return graph.Slice(x, graph.AxisRange(), graph.AxisRange(1, 3))
		}},
		{"Reverse", "reverse in lib/nn/pad.go", 1, func(x *graph.Node) *graph.Node { return graph.Reverse(x, 1) }},
		{"Sort", "nothing", 1, func(x *graph.Node) *graph.Node { return graph.Sort(x, 1, true) }},
		{"Rsqrt", "rsqrt in lib/nn/norm.go", 1, graph.Rsqrt},
		{"Expm1", "Expm1 in lib/nn/vjps.go", 1, graph.Expm1},
		{"Floor", "Floor in lib/nn/vjps.go", 1, graph.Floor},
		{"Round", "Round in lib/nn/vjps.go", 1, graph.Round},
		{"While", "the registered gradient of nn.Scan", 1, func(x *graph.Node) *graph.Node {
			g := x.Graph()
			less := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
				i := graph.Parameter(g, "i", shapes.Make(dtypes.Int32))
				_ = graph.Parameter(g, "x", x.Shape())
				return []*graph.Node{graph.LessThan(i, graph.Scalar(g, dtypes.Int32, 2))}
			})
			twice := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
				i := graph.Parameter(g, "i", shapes.Make(dtypes.Int32))
				y := graph.Parameter(g, "x", x.Shape())
				return []*graph.Node{graph.Add(i, graph.Scalar(g, dtypes.Int32, 1)), graph.Add(y, y)}
			})
			return graph.While(less, twice, graph.Scalar(g, dtypes.Int32, 0), x)[1]
		}},
	} {
		t.Run("no gradient: "+c.name, func(t *testing.T) {
			x := line(1, 2, 3, 4)
			if _, err := graph.CallOnce(b, c.f, x); err != nil {
				t.Fatalf("the value alone: %v", err)
			}
			_, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node {
				dx := x
				y := graph.ReduceAllSum(graph.Square(c.f(x)))
				for range c.order {
					dx = graph.Gradient(y, x)[0]
					y = graph.ReduceAllSum(graph.Square(dx))
				}
				return dx
			}, x)
			switch {
			case err == nil:
				mended(t, c.drop)
			case !strings.Contains(err.Error(), "radient"):
				t.Errorf("failed in another way: %v", err)
			}
		})
	}

	t.Run("gradient of Max at a tie", func(t *testing.T) {
		out, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node {
			return graph.Gradient(graph.ReduceAllSum(graph.Max(x, graph.ZerosLike(x))), x)[0]
		}, []float32{0})
		if err != nil {
			t.Fatal(err)
		}
		if tensors.MustCopyFlatData[float32](out)[0] == 0 {
			mended(t, "the Where in nn.ReLU")
		}
	})

	t.Run("learning rate", func(t *testing.T) {
		store := model.NewStore()
		var rates []float64
		for _, rate := range []float64{0.1, 0.2} {
			v := optimizer.LearningRateVar(store.RootScope(), dtypes.Float32, rate)
			value, err := v.Value()
			if err != nil {
				t.Fatal(err)
			}
			rates = append(rates, float64(tensors.ToScalar[float32](value)))
		}
		if rates[0] != rates[1] {
			mended(t, "the remark")
		}
	})

	t.Run("an input that nothing uses", func(t *testing.T) {
		if _, err := graph.CallOnce(b, func(x, _ *graph.Node) *graph.Node { return x }, []float32{1}, []float32{2}); err == nil {
			mended(t, "the remark")
		}
	})

	t.Run("a loop whose last output nothing asks for", func(t *testing.T) {
		out, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node {
			g, twice := x.Graph(), graph.MulScalar(x, 2)
			state := func() []*graph.Node {
				return []*graph.Node{graph.Parameter(g, g.UniqueName("a"), x.Shape()), graph.Parameter(g, g.UniqueName("b"), x.Shape())}
			}
			body := graph.NewClosure(g, func(*graph.Graph) []*graph.Node {
				p := state()
				return []*graph.Node{graph.Add(p[0], p[1]), p[1]}
			})
			cond := graph.NewClosure(g, func(*graph.Graph) []*graph.Node {
				p := state()
				return []*graph.Node{graph.LessThan(p[0], graph.Add(p[1], p[1]))}
			})
			return graph.While(cond, body, twice, twice)[0]
		}, float32(1))
		if err == nil {
			mended(t, fmt.Sprintf("the barriers in lib/nn/scan_loop.go (it gave %v)", out))
		}
	})

	t.Run("a string's panic hangs", func(t *testing.T) {
		if os.Getenv("GENLAB_FULL") == "" {
			t.Skip("waits for five seconds and leaves a goroutine behind: runs with GENLAB_FULL=1")
		}
		done := make(chan error)
		go func() {
			defer func() {
				if r := recover(); r != nil {
					done <- fmt.Errorf("panicked: %v", r)
				}
			}()
			_, err := graph.CallOnce(b, func(*graph.Node) *graph.Node { panic("a string") }, []float32{1})
			done <- err
		}()
		select {
		case err := <-done:
			mended(t, fmt.Sprintf("the rule of panics with an error (it said %v)", err))
		case <-time.After(5 * time.Second):
		}
	})

	t.Run("convolutions side by side hang", func(t *testing.T) {
		if os.Getenv("GENLAB_FULL") == "" {
			t.Skip("waits for ten seconds and leaves goroutines behind: runs with GENLAB_FULL=1")
		}
		side, err := compute.NewWithConfig("go")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			exec, err := graph.NewExec(side, func(x, k *graph.Node) *graph.Node {
				sum := graph.ScalarZero(x.Graph(), x.DType())
				for i := range 16 {
					sum = graph.Add(sum, graph.ReduceAllSum(graph.Convolve(graph.AddScalar(x, i), k).Done()))
				}
				return sum
			})
			for i := 0; err == nil && i < 200; i++ {
				_, err = exec.Call(tensors.FromFlatDataAndDimensions(make([]float32, 2*16*16*4), 2, 16, 16, 4), tensors.FromFlatDataAndDimensions(make([]float32, 3*3*4*8), 3, 3, 4, 8))
			}
			done <- err
		}()
		select {
		case err := <-done:
			mended(t, fmt.Sprintf("ops_sequential in lib/backend (it said %v)", err))
		case <-time.After(10 * time.Second):
		}
	})
}

// line is one row of one channel: [1, length, 1].
func line(values ...float32) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, 1, len(values), 1)
}
