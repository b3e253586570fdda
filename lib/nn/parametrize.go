package nn

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// derived is how a parameter is computed from others, which take its place in the state_dict.
type derived struct {
	parts func(name string) []Child // under names in the layer whose parameter it is, called name there
	node  func(s *model.Scope, g *graph.Graph) *graph.Node
}

// Names says under which names the parts of a parameter stand.
type Names int

// The names, PyTorch's.
const (
	Parametrized  Names = iota // torch.nn.utils.parametrizations: parametrizations.weight.original0, …
	OldParametric              // torch.nn.utils.weight_norm and spectral_norm: weight_g, weight_orig, …
)

// WeightNorm makes a layer's weight a direction times a length for each row along an axis of PyTorch's layout (PyTorch's default is 0),
// or one length where dim is -1 (Salimans & Kingma, "Weight normalization", 2016, equation 2). Call it before [Name].
func WeightNorm(weight *Param, dim int, names Names) {
	weight.checkPlain(dim)
	v := &Param{Shape: weight.Shape, Perm: weight.Perm, Init: weight.Init}
	g := &Param{Init: ConstInit(1), startsFrom: v, start: func(of []float32) []float32 { return rowLengths(v.inFileRows(of, dim)) }}
	var over []int // the axes here that a length is of
	if dim >= 0 {
		axis := v.axis(dim)
		g.Shape, g.Perm = make([]int, len(v.Shape)), v.Perm
		for i := range g.Shape {
			g.Shape[i] = 1
			if i == axis {
				g.Shape[i] = v.Shape[i]
			} else {
				over = append(over, i)
			}
		}
	} else {
		over = upTo(len(v.Shape))
	}
	weight.derived = &derived{
		parts: func(name string) []Child {
			if names == OldParametric {
				return []Child{{name + "_g", g}, {name + "_v", v}}
			}
			return []Child{{"parametrizations." + name + ".original0", g}, {"parametrizations." + name + ".original1", v}}
		},
		node: func(s *model.Scope, gr *graph.Graph) *graph.Node {
			direction, size := v.Node(s, gr), g.Node(s, gr)
			norm := graph.Sqrt(graph.ReduceAndKeep(graph.Square(direction), graph.ReduceSum, over...))
			return graph.Mul(direction, graph.Div(graph.ExpandLeftToRank(size, direction.Rank()), norm))
		},
	}
}

// SpectralNorm divides a layer's weight by its largest singular value, as a matrix whose rows are an axis of PyTorch's layout (PyTorch's
// default is 0, for a transposed convolution 1). While training, each use moves the singular vectors by n steps of the power
// iteration first; PyTorch's default is 1 (Miyato et al., "Spectral normalization for generative adversarial networks", 2018, algorithm
// 1). Call it before [Name].
func SpectralNorm(weight *Param, dim, steps int, names Names) {
	weight.checkPlain(dim)
	original := &Param{Shape: weight.Shape, Perm: weight.Perm, Init: weight.Init}
	rows := original.Shape[original.axis(dim)]
	vector := func(n int, pick func(u, v []float64) []float64) *Param {
		return &Param{Shape: []int{n}, Buffer: true, startsFrom: original, start: func(of []float32) []float32 {
			return float32s(pick(singularVectors(original.inFileRows(of, dim))))
		}}
	}
	u := vector(rows, func(u, _ []float64) []float64 { return u })
	v := vector(original.Size()/rows, func(_, v []float64) []float64 { return v })
	weight.derived = &derived{
		parts: func(name string) []Child {
			if names == OldParametric {
				return []Child{{name + "_orig", original}, {name + "_u", u}, {name + "_v", v}}
			}
			list := "parametrizations." + name
			return []Child{{list + ".original", original}, {list + ".0._u", u}, {list + ".0._v", v}}
		},
		node: func(s *model.Scope, g *graph.Graph) *graph.Node {
			kernel := original.Node(s, g)
			matrix := original.fileMatrix(kernel, dim)
			uNow, vNow := u.Node(s, g), v.Node(s, g)
			if s.IsTraining(g) {
				still := graph.StopGradient(matrix)
				left := func() { uNow = unitVector(graph.MatMul(still, graph.InsertAxes(vNow, -1))) }
				right := func() { vNow = unitVector(graph.MatMul(graph.InsertAxes(uNow, 0), still)) }
				for range steps {
					if names == OldParametric {
						right()
						left()
					} else {
						left()
						right()
					}
				}
				u.Set(s, uNow)
				v.Set(s, vNow)
			}
			sigma := graph.ReduceAllSum(graph.Mul(uNow, graph.Reshape(graph.MatMul(matrix, graph.InsertAxes(vNow, -1)), -1)))
			return graph.Div(kernel, sigma)
		},
	}
}

// unitVector flattens x, cut off from what it was computed from, and makes its length 1.
func unitVector(x *graph.Node) *graph.Node {
	return graph.StopGradient(Normalize(graph.Reshape(x, -1), 2, 0, 1e-12))
}

func (p *Param) checkPlain(dim int) {
	if p.derived != nil || dim < -1 || dim >= len(p.Shape) || p.path != "" {
		panic(errorf("a norm of a weight takes one that has none yet and no name, and an axis of it, was given %s of shape %v and axis %d", p.path, p.Shape, dim))
	}
}

// axis is the axis here that PyTorch's layout has as dim.
func (p *Param) axis(dim int) int {
	if p.Perm == nil {
		return dim
	}
	return p.Perm[dim]
}

// fileMatrix is a parameter's value as a matrix: a row for each place along an axis of PyTorch's layout, columns in that layout's order.
func (p *Param) fileMatrix(value *graph.Node, dim int) *graph.Node {
	order := []int{p.axis(dim)}
	for i := range p.Shape {
		if i != dim {
			order = append(order, p.axis(i))
		}
	}
	return graph.Reshape(graph.TransposeAllAxes(value, order...), p.Shape[p.axis(dim)], -1)
}

// inFileRows is [Param.fileMatrix] of plain values; one row where dim is -1.
func (p *Param) inFileRows(flat []float32, dim int) [][]float64 {
	rows := make([][]float64, 1)
	if dim >= 0 {
		rows = make([][]float64, p.Shape[p.axis(dim)])
	}
	strides := make([]int, len(p.Shape)) // here
	for i, n := len(p.Shape)-1, 1; i >= 0; i-- {
		strides[i], n = n, n*p.Shape[i]
	}
	place := make([]int, len(p.Shape)) // in a file
	for range flat {
		at, row := 0, 0
		for i, n := range place {
			at += n * strides[p.axis(i)]
		}
		if dim >= 0 {
			row = place[dim]
		}
		rows[row] = append(rows[row], float64(flat[at]))
		for i := len(place) - 1; i >= 0; i-- {
			if place[i]++; place[i] < p.Shape[p.axis(i)] {
				break
			}
			place[i] = 0
		}
	}
	return rows
}

func rowLengths(rows [][]float64) []float32 {
	list := make([]float32, len(rows))
	for i, row := range rows {
		list[i] = float32(math.Sqrt(dot(row, row)))
	}
	return list
}

// singularVectors are the first of a matrix, nearly: 15 steps from a fixed start, as many as PyTorch takes from a random one.
func singularVectors(rows [][]float64) (u, v []float64) {
	rng := rand.New(rand.NewPCG(1, 1))
	u, v = make([]float64, len(rows)), make([]float64, len(rows[0]))
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	for range 15 {
		for i, row := range rows {
			u[i] = dot(row, v)
		}
		shorten(u)
		clear(v)
		for i, row := range rows {
			for j, w := range row {
				v[j] += w * u[i]
			}
		}
		shorten(v)
	}
	return u, v
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// shorten makes a vector's length 1.
func shorten(x []float64) {
	size := max(math.Sqrt(dot(x, x)), 1e-12)
	for i := range x {
		x[i] /= size
	}
}

func float32s(x []float64) []float32 {
	list := make([]float32, len(x))
	for i, v := range x {
		list[i] = float32(v)
	}
	return list
}
