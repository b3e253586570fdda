package nn

import (
	"cmp"

	"github.com/gomlx/gomlx/core/graph"
)

// FilteredLReLU is a leaky ReLU between a change to a higher rate and one back, so that what it adds above the picture's own frequencies is
// filtered away instead of folded back (Karras et al., "Alias-free generative adversarial networks", 2021, section 3.1).
type FilteredLReLU struct {
	Up, Down int       // 0 is 1
	Padding  [2][2]int // of height and width before the filter upward, as in [UpFirDn]
	Slope    float64   // where negative
	Gain     float64   // of the leaky ReLU; 0 is 1
	Clamp    float64   // the largest magnitude after it; 0 is any
	Flip     bool      // as in [UpFirDn], of both filters
}

// Forward adds bias, [channels] or nil, and applies the nonlinearity. x: [batch, height, width, channels]; up and down are filters as
// [UpFirDn2d] takes them.
func (l FilteredLReLU) Forward(x, bias, up, down *graph.Node) *graph.Node {
	if x.Rank() != 4 || bias != nil && (bias.Rank() != 1 || bias.Shape().Dim(0) != x.Shape().Dim(-1)) {
		panic(errorf("a filtered leaky ReLU takes x [batch, height, width, channels] and a bias [channels], was given %s and %v", x.Shape(), bias))
	}
	if bias != nil {
		x = graph.Add(x, graph.ExpandLeftToRank(bias, x.Rank()))
	}
	rate := cmp.Or(l.Up, 1)
	x = graph.TransposeAllAxes(x, 0, 3, 1, 2)
	x = UpFirDn{Up: []int{rate}, Padding: l.Padding, Gain: float64(rate * rate), Flip: l.Flip}.apply(x, up)
	if l.Slope != 1 {
		x = LeakyReLU{Slope: l.Slope}.Forward(nil, x)
	}
	x = scaled(x, cmp.Or(l.Gain, 1))
	if l.Clamp > 0 {
		x = between(x, -l.Clamp, l.Clamp, x)
	}
	x = UpFirDn{Down: []int{cmp.Or(l.Down, 1)}, Flip: l.Flip}.apply(x, down)
	return graph.TransposeAllAxes(x, 0, 2, 3, 1)
}
