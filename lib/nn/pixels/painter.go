package pixels

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Painter is a network with its weights that draws pictures of one size and says what given ones cost. A picture is a slice of
// height·width·channels values in [0, 1], a row of pixels after the other. The methods may be called from one goroutine at a time.
type Painter struct {
	Likelihood
	Height, Width int
	Classes       int // 0: pictures have none

	Net Net
	Run *nn.Runner
}

// SampleConfig says what to draw.
type SampleConfig struct {
	Number int    // of pictures
	Seed   uint64 // the same seed gives the same pictures
	// Temperature is 1 for the model's own distribution, less for likelier pictures; 0 is 1.
	Temperature float64
	// Class of all pictures, if the model knows classes; -1 goes round all of them.
	Class int
	// Naive computes the whole network for every pixel, as a check and to see what it costs.
	Naive bool
}

// piece is how many pictures are measured at once; those that are drawn are drawn all at once.
const piece = 100

// Sample draws pictures.
func (p *Painter) Sample(ctx context.Context, c SampleConfig) ([][]float32, error) {
	return p.Complete(ctx, make([]float32, p.size()), 0, c)
}

// Complete draws c.Number pictures whose first known pixels, row by row, are those of the given one.
func (p *Painter) Complete(ctx context.Context, picture []float32, known int, c SampleConfig) ([][]float32, error) {
	if c.Temperature == 0 {
		c.Temperature = 1
	}
	switch {
	case c.Number < 1:
		return nil, fmt.Errorf("number of pictures is %d: it must be at least 1", c.Number)
	case !(c.Temperature > 0):
		return nil, fmt.Errorf("temperature is %g: it must be positive", c.Temperature)
	case known < 0 || known > p.Height*p.Width:
		return nil, fmt.Errorf("known pixels are %d: they must be 0 to %d", known, p.Height*p.Width)
	case c.Class < -1 || c.Class >= max(p.Classes, 1):
		return nil, p.noClass(c.Class)
	}
	if err := p.check(0, picture, known); err != nil {
		return nil, err
	}
	classes := make([]int32, c.Number)
	for i := range classes {
		classes[i] = int32(c.Class)
		if c.Class < 0 && p.Classes > 0 {
			classes[i] = int32(i % p.Classes)
		}
	}
	name := "draw"
	if c.Naive {
		name = "draw naively"
	}
	out, err := p.Run.Call(ctx, name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		given := graph.Reshape(in[1], 1, p.Height, p.Width, p.Channels)
		n := in[3].Shape().Dim(0)
		d := &drawing{
			net: p.Net, Likelihood: p.Likelihood,
			given: graph.BroadcastToDims(given, n, p.Height, p.Width, p.Channels),
			known: in[2], class: p.Class(in[3]), temperature: in[4],
			noise: nn.Uniform(in[0], p.Height, p.Width, n, p.draws()),
		}
		draw := d.rows
		if c.Naive {
			draw = d.whole
		}
		return []*graph.Node{graph.Reshape(draw(s), n, p.size())}
	}, []uint32{uint32(c.Seed >> 32), uint32(c.Seed)}, picture, int32(known*p.Channels), classes, float32(c.Temperature))
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// Prefix is the number of pixels of a mask, true where a pixel is known, if those come first in the order in which pictures are drawn.
func Prefix(mask []bool) (int, error) {
	known := 0
	for known < len(mask) && mask[known] {
		known++
	}
	for i, k := range mask[known:] {
		if k {
			return 0, fmt.Errorf("pixel %d is known, pixel %d before it isn't: known pixels must come first, row by row from the top", known+i, known)
		}
	}
	return known, nil
}

// NLL is what each pixel of pictures costs, in nats: [pictures][height·width]. classes are theirs, nil for a model without.
func (p *Painter) NLL(ctx context.Context, pictures [][]float32, classes []int32) ([][]float32, error) {
	var all [][]float32
	for out, err := range p.look(ctx, "measure pictures", pictures, classes, []float32{0}, func(out, x, _ *graph.Node) *graph.Node { return p.Likelihood.NLL(out, x) }) {
		if err != nil {
			return nil, err
		}
		all = append(all, out)
	}
	return all, nil
}

// Distribution is that of one pixel of a grey picture over its levels, given the picture before it.
func (p *Painter) Distribution(ctx context.Context, picture []float32, row, column int, class int32) ([]float32, error) {
	if err := p.checkPlace(row, column, 0); err != nil {
		return nil, err
	}
	if p.Channels > 1 {
		return nil, fmt.Errorf("channels is %d: it must be 1 to see a pixel's distribution", p.Channels)
	}
	// What each level would cost in its place.
	each := make([][]float32, p.Levels)
	for i := range each {
		each[i] = append([]float32(nil), picture...)
		each[i][row*p.Width+column] = float32(i) / float32(p.Levels-1)
	}
	classes := make([]int32, p.Levels)
	for i := range classes {
		classes[i] = class
	}
	nats, err := p.NLL(ctx, each, classes)
	if err != nil {
		return nil, err
	}
	list := make([]float32, p.Levels)
	for i := range list {
		list[i] = float32(math.Exp(-float64(nats[i][row*p.Width+column])))
	}
	return list, nil
}

// Reception is how much the outputs for one colour of one pixel move with each value of a picture: the mean over pictures of the size of the
// gradient of their sum, laid out as a picture. What a network can't see is exactly 0.
func (p *Painter) Reception(ctx context.Context, pictures [][]float32, row, column, channel int) ([]float32, error) {
	if err := p.checkPlace(row, column, channel); err != nil {
		return nil, err
	}
	of := make([]float32, p.Height*p.Width*p.Outputs())
	each := p.Outputs() / p.Colours()
	for k := range each {
		of[(row*p.Width+column)*p.Outputs()+channel%p.Colours()*each+k] = 1
	}
	sum := make([]float32, p.size())
	classes := make([]int32, len(pictures))
	for moved, err := range p.look(ctx, "measure reception", pictures, classes, of, func(out, x, of *graph.Node) *graph.Node {
		of = graph.BroadcastToShape(graph.Reshape(of, append([]int{1}, out.Shape().Dimensions[1:]...)...), out.Shape())
		return graph.Abs(graph.Gradient(graph.ReduceAllSum(graph.Mul(out, of)), x)[0])
	}) {
		if err != nil {
			return nil, err
		}
		for i, v := range moved {
			sum[i] += v / float32(len(pictures))
		}
	}
	return sum, nil
}

// look runs the whole network on pictures, a piece at a time, and gives what of makes of the outputs: a row a picture.
// with is a further input of of's.
func (p *Painter) look(ctx context.Context, name string, pictures [][]float32, classes []int32, with []float32, of func(out, x, with *graph.Node) *graph.Node) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		if err := p.checkAll(pictures, classes); err != nil {
			yield(nil, err)
			return
		}
		done := 0
		for x, n := range nn.Pieces(pictures, piece, p.Height, p.Width, p.Channels) {
			some := make([]int32, piece)
			if p.Classes > 0 {
				copy(some, classes[done:done+n])
			}
			done += n
			out, err := p.Run.Call(ctx, name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
				x := p.Quantize(in[0], nil)
				return []*graph.Node{graph.Reshape(of(p.Net.Forward(s, x, p.Class(in[1])), x, in[2]), piece, -1)}
			}, x, some, with)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range out[0].Value().([][]float32)[:n] {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// Cost is the sum of nats of a batch: pictures, of values in [0, 1], and their classes if the model knows some. Black and white are drawn, by
// the seed. count is the number of pictures.
func (p *Painter) Cost(ctx context.Context, seed uint64, batch ...*tensors.Tensor) (sum, count float64, err error) {
	args := []any{[]uint32{0, uint32(seed)}, batch[0]}
	if p.Classes > 0 {
		args = append(args, batch[1])
	}
	out, err := p.Run.Call(ctx, "measure the loss", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		x := Shaped(in[1], p.Height, p.Width, p.Channels)
		x = p.Quantize(x, nn.Uniform(in[0], x.Shape().Dimensions...))
		var class *graph.Node
		if len(in) > 2 {
			class = in[2]
		}
		return []*graph.Node{graph.ReduceAllSum(p.Likelihood.NLL(p.Net.Forward(s, x, class), x))}
	}, args...)
	if err != nil {
		return 0, 0, err
	}
	return float64(tensors.ToScalar[float32](out[0])), float64(batch[0].Shape().Dim(0)), nil
}

// Shaped gives pictures that come as rows of values, [batch, height·width·channels], their axes.
func Shaped(x *graph.Node, height, width, channels int) *graph.Node {
	if x.Rank() == 2 {
		return graph.Reshape(x, -1, height, width, channels)
	}
	return x
}

// Class is the classes' node where the model knows classes.
func (p *Painter) Class(given *graph.Node) *graph.Node {
	if p.Classes == 0 {
		return nil
	}
	return given
}

func (p *Painter) size() int { return p.Height * p.Width * p.Channels }

func (p *Painter) checkPlace(row, column, channel int) error {
	if row < 0 || row >= p.Height || column < 0 || column >= p.Width || channel < 0 || channel >= p.Channels {
		return fmt.Errorf("place is row %d, column %d, channel %d: it must be in a picture of %dx%d with %d", row, column, channel, p.Height, p.Width, p.Channels)
	}
	return nil
}

// check wants the first known pixels of a picture to be levels.
func (p *Painter) check(i int, picture []float32, known int) error {
	if len(picture) != p.size() {
		return fmt.Errorf("picture %d has %d values: it must have %d, %dx%d of %d channels", i, len(picture), p.size(), p.Height, p.Width, p.Channels)
	}
	for at, v := range picture[:known*p.Channels] {
		level := float64(v) * float64(p.Levels-1)
		if !(level >= -1e-3 && level <= float64(p.Levels-1)+1e-3) || math.Abs(level-math.Round(level)) > 1e-3 {
			return fmt.Errorf("picture %d has %g at place %d: it must be one of %d levels from 0 to 1", i, v, at, p.Levels)
		}
	}
	return nil
}

func (p *Painter) checkAll(pictures [][]float32, classes []int32) error {
	if len(pictures) == 0 {
		return fmt.Errorf("number of pictures is 0: it must be at least 1")
	}
	for i, picture := range pictures {
		if err := p.check(i, picture, p.Height*p.Width); err != nil {
			return err
		}
	}
	if p.Classes == 0 {
		return nil
	}
	if len(classes) != len(pictures) {
		return fmt.Errorf("number of classes is %d: it must be that of the pictures, %d", len(classes), len(pictures))
	}
	for _, c := range classes {
		if c < 0 || int(c) >= p.Classes {
			return p.noClass(int(c))
		}
	}
	return nil
}

func (p *Painter) noClass(c int) error {
	if p.Classes == 0 {
		return fmt.Errorf("class is %d: it must be 0, the model was trained without classes", c)
	}
	return fmt.Errorf("class is %d: it must be 0 to %d, the classes that were trained, or -1 for all in turn", c, p.Classes-1)
}

// Nearest gives the level nearest to each value, 0 to 1, of a picture.
func (l Likelihood) Nearest(picture []float32) []float32 {
	top := float64(l.Levels - 1)
	list := make([]float32, len(picture))
	for i, v := range picture {
		list[i] = float32(math.Round(min(max(float64(v), 0), 1)*top) / top)
	}
	return list
}

// Posterize gives pictures, a tensor of values in [0, 1], as levels: black and white are drawn, by the seed.
func (p *Painter) Posterize(ctx context.Context, pictures *tensors.Tensor, seed uint64) ([][]float32, error) {
	out, err := p.Run.Call(ctx, "quantize", func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		x := graph.Reshape(in[1], in[1].Shape().Dim(0), -1)
		return []*graph.Node{p.Quantize(x, nn.Uniform(in[0], x.Shape().Dimensions...))}
	}, []uint32{0, uint32(seed)}, pictures)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}
