package nn

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend"
)

// convForm is one way to compute the three functions of a convolution. The gradients that GoMLX would give it don't count.
type convForm interface {
	forward(c *conv, x, k *graph.Node) *graph.Node
	inputGrad(c *conv, y, k *graph.Node) *graph.Node
	kernelGrad(c *conv, x, y *graph.Node) *graph.Node
}

// pass is one of the three.
type pass int

const (
	passForward pass = iota
	passInput
	passKernel
)

// convTable says which form is fastest for XLA on a CPU, by BenchmarkConv (2 cores with AVX2, November 2026; milliseconds of the form
// taken and of the direct one, batch 64). A layer of the same kernel and stride takes the form of the one measured that is nearest in
// channels and filters; for the kernels not listed, 3×3 among them, the direct one was fastest.
var convTable = []struct {
	kernel, stride, channels, filters int
	forms                             [3]convForm
}{
	{4, 2, 3, 64, [3]convForm{spaceToDepth{direct{}}, spaceToDepth{columns{}}, spaceToDepth{columns{}}}}, // 4.3 for 5.9; 5.1 for 8.0; 10 for 17
	{4, 2, 64, 128, [3]convForm{direct{}, spaceToDepth{direct{}}, direct{}}},                             // 30; 35 for 98; 54
	{4, 2, 128, 256, [3]convForm{direct{}, spaceToDepth{columns{}}, direct{}}},                           // 29; 32 for 54; 32
	{4, 2, 256, 512, [3]convForm{direct{}, spaceToDepth{columns{}}, direct{}}},                           // 30; 28 for 50; 27
}

// forceForm is set by tests.
var forceForm convForm

// form chooses how to compute a pass.
func (c *conv) form(g *graph.Graph, p pass) convForm {
	switch {
	case forceForm != nil && c.fits(forceForm):
		return forceForm
	case c.fits(columns{}) && (c.whole() || c.pointwise()):
		return columns{} // one matrix product as it stands
	}
	switch backend.Name(g.Backend()) {
	case "xla:cpu":
	case "go": // its convolutions are plain loops, 4 to 20 times slower than its matrix products
		for _, f := range []convForm{columns{}, spaceToDepth{columns{}}} {
			if c.fits(f) {
				return f
			}
		}
		return direct{}
	default:
		return direct{}
	}
	var nearest convForm = direct{}
	least := math.Inf(1)
	for _, row := range convTable {
		if !all(c.kernel, row.kernel) || !all(c.stride, row.stride) || !c.fits(row.forms[p]) {
			continue
		}
		far := math.Abs(math.Log(float64(c.channels)/float64(row.channels))) + math.Abs(math.Log(float64(c.filters)/float64(row.filters)))
		if far < least {
			nearest, least = row.forms[p], far
		}
	}
	return nearest
}

// fits says whether a form can compute this convolution.
func (c *conv) fits(f convForm) bool {
	switch f.(type) {
	case direct:
		return true
	case spaceToDepth:
		return c.groups == 1 && all(c.dilation, 1)
	default:
		return c.groups == 1 && all(c.stride, 1)
	}
}

// whole says that there is one output, which sees all of x and nothing else.
func (c *conv) whole() bool { return slices.Equal(c.in, c.kernel) && all(c.out, 1) && all(c.pad, 0) }

// pointwise says that each output sees the one input at its place.
func (c *conv) pointwise() bool {
	return all(c.kernel, 1) && all(c.pad, 0) && slices.Equal(c.in, c.out)
}

func all(values []int, v int) bool {
	return !slices.ContainsFunc(values, func(x int) bool { return x != v })
}
