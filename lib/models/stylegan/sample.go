package stylegan

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Noise draws n points of the latent space from N(0, 1): n of z values. The same seed gives the same points.
func (m *Model) Noise(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	if n < 1 {
		return nil, fmt.Errorf("stylegan: number is %d: it must be at least 1", n)
	}
	const piece = 64
	var z [][]float32
	for i := uint32(0); len(z) < n; i++ {
		out, err := m.run.Call(ctx, "draw noise", func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
			return []*graph.Node{nn.Normal(inputs[0], piece, m.Config.Z)}
		}, []uint32{uint32(seed ^ seed>>32), i})
		if err != nil {
			return nil, err
		}
		z = append(z, out[0].Value().([][]float32)...)
	}
	return z[:n], nil
}

// Sample makes n pictures from noise: [size, size, channels] flat, values in [0, 1]. The same seed gives the same pictures; of a model with
// classes, picture i is of class i modulo their number.
func (m *Model) Sample(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	z, err := m.Noise(ctx, n, seed)
	if err != nil {
		return nil, err
	}
	pictures, err := m.Generate(ctx, Points{Z: z, Labels: m.Labels(n)}, Look{})
	for _, p := range pictures {
		for i, v := range p {
			p[i] = min(max(v, 0), 1)
		}
	}
	return pictures, err
}

// Labels are n classes in turn; nil for a model without.
func (m *Model) Labels(n int) []int {
	if m.Config.Classes == 0 {
		return nil
	}
	list := make([]int, n)
	for i := range list {
		list[i] = i % m.Config.Classes
	}
	return list
}

// Points are where pictures come from.
type Points struct {
	Z      [][]float32 // n points of the latent space
	Labels []int       // n classes, of a model that has them
	// Fine, when given, are n points whose styles the layers from From on have: style mixing.
	Fine [][]float32
	From int
}

// Look says how to make pictures. The zero value makes them as they were learned.
type Look struct {
	// Truncate draws styles towards their mean (see [Truncation]): 0 leaves them, 0.3 goes three tenths of the way, 1 takes the mean.
	Truncate float64
	// X and Y move the picture to the right and down, in parts of its size, and Turn turns it against the clock, in degrees, about its middle,
	// before it is moved: by moving and turning the waves that it grows from, so that what is seen is the generator's equivariance.
	X, Y, Turn float64
}

// transform is the inverse of what is done to the picture.
func (l Look) transform() [][]float32 {
	// Coordinates go to the right and down, where a turn against the clock is one by the negative angle.
	sin, cos := math.Sincos(l.Turn * math.Pi / 180)
	back := [2][2]float64{{cos, -sin}, {sin, cos}}
	m := [][]float32{{0, 0, 0}, {0, 0, 0}, {0, 0, 1}}
	for i, row := range back {
		m[i][0], m[i][1] = float32(row[0]), float32(row[1])
		m[i][2] = float32(-row[0]*l.X - row[1]*l.Y)
	}
	return m
}

// most is how many pictures are made at once.
const most = 32

// Generate makes a picture from each point: [size, size, channels] flat, values about in [0, 1], not held within.
func (m *Model) Generate(ctx context.Context, p Points, l Look) ([][]float32, error) {
	if err := m.check(p); err != nil {
		return nil, err
	}
	c, fine := m.Config, p.Fine
	if fine == nil {
		fine = p.Z
	}
	var pictures [][]float32
	for from := 0; from < len(p.Z); from += most {
		n := min(most, len(p.Z)-from)
		size := 1 // a power of two, so that few graphs serve any number
		for size < n {
			size *= 2
		}
		args := []any{c.flat(p.Z, from, size), c.flat(fine, from, size), int32(c.ws(p)), float32(1 - l.Truncate), l.transform()}
		if c.Classes > 0 {
			labels := make([]int32, size)
			for i := range n {
				labels[i] = int32(p.Labels[from+i])
			}
			args = append(args, labels)
		}
		out, err := m.run.Call(ctx, "generate", m.generating, args...)
		if err != nil {
			return nil, err
		}
		flat, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, fmt.Errorf("stylegan: generating: %w", err)
		}
		d := len(flat) / size
		for i := range n {
			pictures = append(pictures, flat[i*d:(i+1)*d:(i+1)*d])
		}
	}
	return pictures, nil
}

func (m *Model) check(p Points) error {
	c := m.Config
	if len(p.Z) == 0 {
		return fmt.Errorf("stylegan: no latent point was given")
	}
	if p.Fine != nil && len(p.Fine) != len(p.Z) {
		return fmt.Errorf("stylegan: %d fine points for %d: there must be one each", len(p.Fine), len(p.Z))
	}
	for _, list := range [][][]float32{p.Z, p.Fine} {
		for i, point := range list {
			if len(point) != c.Z {
				return fmt.Errorf("stylegan: latent point %d has %d values, the model takes %d", i, len(point), c.Z)
			}
		}
	}
	if c.Classes == 0 && p.Labels != nil {
		return fmt.Errorf("stylegan: the model has no classes, and was given labels")
	}
	if c.Classes > 0 && len(p.Labels) != len(p.Z) {
		return fmt.Errorf("stylegan: %d labels for %d points: a model of %d classes takes one each", len(p.Labels), len(p.Z), c.Classes)
	}
	for i, l := range p.Labels {
		if l < 0 || l >= c.Classes {
			return fmt.Errorf("stylegan: label %d is %d: it must be 0 to %d", i, l, c.Classes-1)
		}
	}
	return nil
}

// ws is the layer from which on the fine points' styles are taken.
func (c Config) ws(p Points) int {
	if p.Fine == nil {
		return math.MaxInt32
	}
	return p.From
}

// flat is a piece of points, zeros after the last.
func (c Config) flat(z [][]float32, from, size int) *tensors.Tensor {
	values := make([]float32, size*c.Z)
	for i := range min(size, len(z)-from) {
		copy(values[i*c.Z:], z[from+i])
	}
	return tensors.FromFlatDataAndDimensions(values, size, c.Z)
}

// generating is the graph from points, fine points, the layer that they begin at, the truncation's psi, a transform and labels to pictures.
func (m *Model) generating(s *model.Scope, in []*graph.Node) []*graph.Node {
	s = s.At("%s", meanScope)
	z, fine, from, psi, transform := in[0], in[1], in[2], in[3], in[4]
	var class *graph.Node
	if m.Config.Classes > 0 {
		class = graph.OneHot(in[5], m.Config.Classes, dtypes.Float32)
	}
	styles := func(z *graph.Node) *graph.Node {
		return m.generator.Styles(s, m.generator.Map(s, z, class, false), Truncation{Psi: psi})
	}
	ws := styles(z)
	layers := ws.Shape().Dim(1)
	later := graph.GreaterOrEqual(graph.Iota(z.Graph(), shapes.Make(dtypes.Int32, layers), 0), from)
	ws = graph.Where(graph.BroadcastToDims(graph.InsertAxes(later, 0, -1), ws.Shape().Dimensions...), styles(fine), ws)
	x := m.generator.Synthesize(s, ws, Synthesis{Transform: transform})
	return []*graph.Node{graph.MulScalar(graph.OnePlus(x), 0.5)}
}
