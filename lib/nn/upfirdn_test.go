package nn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend/backendtest"
)

// upFirDnBySum is UpFirDn2d of one channel of one picture by its definition.
func upFirDnBySum(x [][]float64, f [][]float64, up, down [2]int, pad [2][2]int) [][]float64 {
	place := func(o, i, axis int) int { return i*up[axis] + pad[axis][0] - o*down[axis] }
	size := func(n, taps, axis int) int { return (n*up[axis]+pad[axis][0]+pad[axis][1]-taps)/down[axis] + 1 }
	h, w := len(f), len(f[0])
	y := make([][]float64, size(len(x), h, 0))
	for o := range y {
		y[o] = make([]float64, size(len(x[0]), w, 1))
		for p := range y[o] {
			for i := range x {
				for j := range x[i] {
					s, t := place(o, i, 0), place(p, j, 1)
					if s >= 0 && s < h && t >= 0 && t < w {
						y[o][p] += f[h-1-s][w-1-t] * x[i][j]
					}
				}
			}
		}
	}
	return y
}

// TestUpFirDn2d holds both forms against the definition, and their gradients, first and second, against each other: the map is linear, so
// that the gradient of half its square is its transpose of it.
func TestUpFirDn2d(t *testing.T) {
	line := []float32{0.1, -0.3, 0.7, 0.4, 0.05}
	square := make([][]float32, len(line))
	for i := range square {
		for _, v := range line {
			square[i] = append(square[i], line[i]*v)
		}
	}
	f := make([][]float64, len(square))
	for i, row := range square {
		for _, v := range row {
			f[i] = append(f[i], float64(v))
		}
	}
	const h, w = 7, 6
	x, wide := make([]float32, h*w), make([][]float64, h)
	for i := range x {
		x[i] = float32(math.Sin(float64(3*i)) + 0.2)
		wide[i/w] = append(wide[i/w], float64(x[i]))
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, test := range []struct {
			up, down [2]int
			pad      [2][2]int
		}{
			{[2]int{1, 1}, [2]int{1, 1}, [2][2]int{{2, 2}, {2, 2}}},
			{[2]int{2, 3}, [2]int{1, 2}, [2][2]int{{3, 2}, {-1, 4}}},
			{[2]int{1, 1}, [2]int{2, 3}, [2][2]int{{-1, 1}, {4, 0}}},
		} {
			want := upFirDnBySum(wide, f, test.up, test.down, test.pad)
			o := UpFirDn{Up: test.up[:], Down: test.down[:], Padding: test.pad}
			out, err := graph.NewExec(b, func(x, f, g *graph.Node) []*graph.Node {
				x = graph.Reshape(x, 1, h, w, 1)
				var outs []*graph.Node
				for _, filter := range []*graph.Node{f, g} {
					y := UpFirDn2d(x, filter, o)
					slope := graph.Gradient(graph.MulScalar(graph.ReduceAllSum(graph.Square(y)), 0.5), x)[0]
					again := graph.Gradient(graph.MulScalar(graph.ReduceAllSum(graph.Square(slope)), 0.5), x)[0]
					outs = append(outs, y, slope, again)
				}
				return outs
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := out.Call(x, line, square)
			if err != nil {
				t.Fatal(err)
			}
			for form := range 2 {
				y := got[3*form].Value().([][][][]float32)[0]
				if len(y) != len(want) || len(y[0]) != len(want[0]) {
					t.Fatalf("%+v: %d×%d, want %d×%d", test, len(y), len(y[0]), len(want), len(want[0]))
				}
				for o := range y {
					for p := range y[o] {
						if math.Abs(float64(y[o][p][0])-want[o][p]) > 1e-5 {
							t.Errorf("%+v, form %d: (%d, %d) is %g, want %g", test, form, o, p, y[o][p][0], want[o][p])
						}
					}
				}
			}
			transposed := upFirDnTransposed(want, f, test.up, test.down, test.pad, h, w)
			twice := upFirDnTransposed(upFirDnBySum(transposed, f, test.up, test.down, test.pad), f, test.up, test.down, test.pad, h, w)
			for k, gradient := range map[int][][]float64{1: transposed, 2: twice, 4: transposed, 5: twice} {
				slope := got[k].Value().([][][][]float32)[0]
				for i := range slope {
					for j := range slope[i] {
						if math.Abs(float64(slope[i][j][0])-gradient[i][j]) > 1e-4 {
							t.Fatalf("%+v: gradient %d at (%d, %d) is %g, want %g", test, k, i, j, slope[i][j][0], gradient[i][j])
						}
					}
				}
			}
		}
	})
}

// upFirDnTransposed sums over the outcome: the transpose of upFirDnBySum.
func upFirDnTransposed(y, f [][]float64, up, down [2]int, pad [2][2]int, h, w int) [][]float64 {
	x := make([][]float64, h)
	for i := range x {
		x[i] = make([]float64, w)
		for j := range x[i] {
			for o := range y {
				for p := range y[o] {
					s, t := i*up[0]+pad[0][0]-o*down[0], j*up[1]+pad[1][0]-p*down[1]
					if s >= 0 && s < len(f) && t >= 0 && t < len(f[0]) {
						x[i][j] += f[len(f)-1-s][len(f[0])-1-t] * y[o][p]
					}
				}
			}
		}
	}
	return x
}
