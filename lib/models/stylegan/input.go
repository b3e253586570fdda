package stylegan

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// inputConfig is a Fourier input's, under NVIDIA's names.
type inputConfig struct {
	W         int     `json:"w_dim"`
	Channels  int     `json:"channels"`
	Size      pair    `json:"size"` // width, height
	Rate      float64 `json:"sampling_rate"`
	Bandwidth float64 `json:"bandwidth"`
}

func (c inputConfig) validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"w_dim", c.W}, {"channels", c.Channels}, {"size", c.Size[0]}, {"size", c.Size[1]}} {
		if err := nn.CheckSize("stylegan", f.name, f.value, 1, nn.MaxSize); err != nil {
			return err
		}
	}
	if !(c.Bandwidth > 0) || !(c.Rate > 2*c.Bandwidth) {
		return fmt.Errorf("stylegan: sampling_rate is %g with bandwidth %g: it must be more than twice the bandwidth, which must be positive", c.Rate, c.Bandwidth)
	}
	return nil
}

// fourier is what the picture grows from: waves of random frequencies, which can be moved and turned exactly (Karras et al. 2021, sections
// 3.2 and F.1). w moves and turns it, too.
type fourier struct {
	Weight    *nn.Param `nn:"weight"`    // [channels, channels]
	Transform *nn.Param `nn:"transform"` // [3, 3], the inverse of what is done to the picture
	Freqs     *nn.Param `nn:"freqs"`     // [channels, 2], cycles a picture
	Phases    *nn.Param `nn:"phases"`    // [channels], in turns
	Affine    *dense    `nn:"affine"`    // to [cos, sin, x, y]

	inputConfig
}

func newFourier(c inputConfig) *fourier {
	return &fourier{
		Weight:    &nn.Param{Shape: []int{c.Channels, c.Channels}, Init: nn.NormalInit(0, 1)},
		Transform: &nn.Param{Shape: []int{3, 3}, Buffer: true, Init: identity},
		Freqs: &nn.Param{Shape: []int{c.Channels, 2}, Buffer: true, Init: func(rng *rand.Rand, values []float32) {
			for i := 0; i < len(values); i += 2 {
				x, y := rng.NormFloat64(), rng.NormFloat64()
				square := x*x + y*y
				scale := c.Bandwidth / (math.Sqrt(square) * math.Exp(square/4)) // uniform over a disc
				values[i], values[i+1] = float32(x*scale), float32(y*scale)
			}
		}},
		Phases: &nn.Param{Shape: []int{c.Channels}, Buffer: true, Init: nn.UniformInit(0.5)},
		Affine: newDense(c.W, 4, 1, 0, false, 1, 0, 0, 0),

		inputConfig: c,
	}
}

func identity(_ *rand.Rand, values []float32) { values[0], values[4], values[8] = 1, 1, 1 }

// Forward makes features from w: [batch, w]: [batch, height, width, channels]. transform: [3, 3], in the place of the layer's own; or nil.
func (l *fourier) Forward(s *model.Scope, w, transform *graph.Node) *graph.Node {
	g := w.Graph()
	if transform == nil {
		transform = l.Transform.Node(s, g)
	}
	moved := graph.EinsumAxes(placement(l.Affine.Forward(s, w)), transform, [][2]int{{2, 0}}, nil) // [batch, 2, 3]
	own := graph.EinsumAxes(l.Freqs.Node(s, g), moved, [][2]int{{1, 1}}, nil)                      // [channels, batch, 3]
	own = graph.TransposeAllAxes(own, 1, 0, 2)
	freqs := graph.Slice(own, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(0, 2))
	phases := graph.Add(graph.Slice(own, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(2)), graph.InsertAxes(l.Phases.Node(s, g), 0, -1)) // [batch, channels, 1]

	// A transform may bring a frequency above what the rate can carry.
	size := graph.Sqrt(graph.ReduceAndKeep(graph.Square(freqs), graph.ReduceSum, -1))
	amplitude := graph.AddScalar(graph.MulScalar(graph.AddScalar(size, -l.Bandwidth), -1/(l.Rate/2-l.Bandwidth)), 1)
	amplitude = nn.Hardtanh{Min: 0, Max: 1}.Forward(nil, amplitude)

	places := make([][2]float32, 0, l.Size[0]*l.Size[1])
	for y := range l.Size[1] {
		for x := range l.Size[0] {
			places = append(places, [2]float32{l.coordinate(x, l.Size[0]), l.coordinate(y, l.Size[1])})
		}
	}
	flat := make([][]float32, len(places))
	for i := range places {
		flat[i] = places[i][:]
	}
	waves := graph.EinsumAxes(freqs, graph.Const(g, flat), [][2]int{{2, 1}}, nil) // [batch, channels, places]
	waves = graph.Mul(graph.Sin(graph.MulScalar(graph.Add(waves, phases), 2*math.Pi)), amplitude)

	weight := graph.MulScalar(l.Weight.Node(s, g), 1/math.Sqrt(float64(l.Channels)))
	x := graph.EinsumAxes(waves, weight, [][2]int{{1, 1}}, nil) // [batch, places, channels]
	return graph.Reshape(x, w.Shape().Dim(0), l.Size[1], l.Size[0], l.Channels)
}

// coordinate is the place of a sample, the picture being 1 wide and 0 its middle.
func (l *fourier) coordinate(i, size int) float32 {
	return float32((float64(i) + 0.5 - float64(size)/2) / l.Rate)
}

// placement is the inverse of a turn and then a shift, as learned. t: [batch, 4], result: [batch, 2, 3].
func placement(t *graph.Node) *graph.Node {
	at := func(i int) *graph.Node { return graph.Slice(t, graph.AxisRange(), graph.AxisElem(i)) } // [batch, 1]
	length := graph.Sqrt(graph.Add(graph.Square(at(0)), graph.Square(at(1))))
	cos, sin, x, y := graph.Div(at(0), length), graph.Div(at(1), length), graph.Div(at(2), length), graph.Div(at(3), length)
	down := graph.Sub(graph.Mul(sin, y), graph.Mul(cos, x))
	across := graph.Neg(graph.Add(graph.Mul(sin, x), graph.Mul(cos, y)))
	rows := graph.Concatenate([]*graph.Node{cos, graph.Neg(sin), down, sin, cos, across}, 1)
	return graph.Reshape(rows, t.Shape().Dim(0), 2, 3)
}
