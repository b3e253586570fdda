package style

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

// Painter paints by optimisation: it changes a picture until a VGG sees in it the content of one picture and the style of others. Its methods
// may be called from one goroutine at a time.
type Painter struct {
	vgg *VGG
	run *nn.Runner
}

// OpenPainter reads a VGG as [ReadVGG] does.
func OpenPainter(path string) (*Painter, error) {
	vgg, state, err := ReadVGG(path)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(id, b)
	return &Painter{vgg, run}, torch.LoadOnto(b, run.Store.RootScope(), vgg, state, false)
}

// Style is a picture whose manner is taken, and its part in a blend.
type Style struct {
	Picture
	Weight float64 // beside the others', which add up to anything; 0 is 1
}

// The optimisers and the first pictures that [Gatys] may name.
const (
	LBFGS = "lbfgs"
	Adam  = "adam"

	FromContent = "content"
	FromNoise   = "noise"
)

// Gatys says how to paint.
type Gatys struct {
	ContentLayers []string  `flag:"content-layers" help:"layers of the VGG in which the content is compared"`
	StyleLayers   []string  `flag:"style-layers" help:"layers in which the style is compared"`
	StyleWeights  []float64 `flag:"layer-weights" help:"weights of the style's layers, one each (default even ones)"`
	// The weights are for a picture of 256×256 pixels. Those of content and variation, which are sums over pixels, are changed with the size.
	ContentWeight float64 `flag:"content-weight" help:"weight of the content"`
	StyleWeight   float64 `flag:"style-weight" help:"weight of the style"`
	TVWeight      float64 `flag:"tv-weight" help:"weight of the total variation, against noise"`

	Size       int     `flag:"size" help:"the longer side of what is painted, in pixels"`
	Coarsest   int     `flag:"coarsest" help:"where a larger picture begins: it is painted at half its size first, and so on down to this"`
	StyleSize  int     `flag:"style-size" help:"the longer side that a style is scaled to; 0 is that of what is painted"`
	Steps      int     `flag:"steps" help:"steps of the optimiser, at each size"`
	Optimizer  string  `flag:"optimizer" help:"lbfgs or adam"`
	Rate       float64 `flag:"rate" help:"Adam's learning rate"`
	Start      string  `flag:"start" help:"the first picture: content or noise"`
	KeepColour bool    `flag:"keep-colour" help:"take the styles' brightness alone, and the content's colours"`
	Seed       uint64  `flag:"seed" help:"seed of the noise"`

	// Watch, when given, sees the picture, not clipped yet, after each step.
	Watch func(Progress) error
}

// Measured are the losses of a picture: those of content, style and total variation, and their weighted sum.
type Measured struct{ Content, Style, TV, Sum float64 }

// Progress is how far a painting is.
type Progress struct {
	Step, Steps int // of this size
	Measured
	Picture Picture
}

// DefaultGatys is the paper's layers, with weights for the VGG of `genlab data vgg16`.
func DefaultGatys() Gatys {
	return Gatys{
		ContentLayers: []string{"relu4_2"},
		StyleLayers:   []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"},
		ContentWeight: 1, StyleWeight: 2e4, TVWeight: 1,
		Size: 384, Coarsest: 192, Steps: 100, Optimizer: LBFGS, Rate: 0.02, Start: FromContent, Seed: 1,
	}
}

// history is how many steps L-BFGS remembers.
const history = 20

// objective is what to minimise for a picture of so many pixels.
func (o Gatys) objective(c VGGConfig, pixels int) (Objective, error) {
	content, err := c.Find(o.ContentLayers)
	if err != nil {
		return Objective{}, err
	}
	style, err := c.Find(o.StyleLayers)
	if err != nil {
		return Objective{}, err
	}
	scale := 256. * 256 / float64(pixels)
	made := Objective{content, style, o.StyleWeights, o.ContentWeight * scale, o.StyleWeight, o.TVWeight * scale}.filled()
	return made, made.validate(c)
}

func (o Gatys) validate() error {
	switch {
	case o.Size < 1 || o.Size > 4096:
		return fmt.Errorf("style: size is %d: it must be 1 to 4096", o.Size)
	case o.Coarsest < 1:
		return fmt.Errorf("style: coarsest is %d: it must be at least 1", o.Coarsest)
	case o.StyleSize < 0 || o.StyleSize > 4096:
		return fmt.Errorf("style: style-size is %d: it must be 1 to 4096, or 0 for the size", o.StyleSize)
	case o.Steps < 1:
		return fmt.Errorf("style: steps is %d: it must be at least 1", o.Steps)
	case o.Optimizer != LBFGS && o.Optimizer != Adam:
		return fmt.Errorf("style: optimizer is %q: it must be %q or %q", o.Optimizer, LBFGS, Adam)
	case !(o.Rate > 0):
		return fmt.Errorf("style: rate is %g: it must be positive", o.Rate)
	case o.Start != FromContent && o.Start != FromNoise:
		return fmt.Errorf("style: start is %q: it must be %q or %q", o.Start, FromContent, FromNoise)
	}
	return nil
}

// sizes are the longer sides to paint at, the last being that of the result.
func (o Gatys) sizes() []int {
	list := []int{o.Size}
	for n := o.Size / 2; n >= o.Coarsest; n /= 2 {
		list = append(list, n)
	}
	slices.Reverse(list)
	return list
}

// Gatys paints a picture with the content of one and the style of others: a blend of several is the blend of their Gram matrices.
func (p *Painter) Gatys(ctx context.Context, content Picture, styles []Style, o Gatys) (Picture, error) {
	if err := errors.Join(o.validate(), content.check("content")); err != nil {
		return Picture{}, err
	}
	if len(styles) == 0 {
		return Picture{}, errors.New("style: there is no style: give one picture at least")
	}
	for _, s := range styles {
		if err := s.check("style"); err != nil {
			return Picture{}, err
		}
		if !(s.Weight >= 0) {
			return Picture{}, fmt.Errorf("style: the weight of a style is %g: it must be positive", s.Weight)
		}
	}
	var picture, base Picture
	for _, size := range o.sizes() {
		height, width := content.fit(size)
		var err error
		if base, err = p.scaled(ctx, content, height, width); err != nil {
			return Picture{}, err
		}
		switch {
		case picture.Pixels != nil:
			picture, err = p.scaled(ctx, picture, height, width)
		case o.Start == FromNoise:
			picture = noise(height, width, o.Seed)
		default:
			picture = base
		}
		if err != nil {
			return Picture{}, err
		}
		if picture, err = p.paint(ctx, picture, base, styles, o, size); err != nil {
			return Picture{}, err
		}
	}
	if o.KeepColour {
		return picture.clipped().colour(base), nil
	}
	return picture.clipped(), nil
}

// noise is grey with a little of N(0, 0.1²) on it.
func noise(height, width int, seed uint64) Picture {
	rng := rand.New(rand.NewPCG(seed, 0))
	made := Picture{height, width, make([]float32, 3*height*width)}
	for i := range made.Pixels {
		made.Pixels[i] = float32(0.5 + 0.1*rng.NormFloat64())
	}
	return made
}

func (p *Painter) scaled(ctx context.Context, picture Picture, height, width int) (Picture, error) {
	out, err := p.run.Call(ctx, fmt.Sprintf("scale to %dx%d", width, height), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{resized(in[0], height, width)}
	}, picture.tensor())
	if err != nil {
		return Picture{}, err
	}
	return pictureOf(out[0])
}

// Losses measures a picture, brought to the content's size, by what [Painter.Gatys] would minimise at that size.
func (p *Painter) Losses(ctx context.Context, picture, content Picture, styles []Style, o Gatys) (Measured, error) {
	for _, c := range []error{o.validate(), picture.check("picture"), content.check("content")} {
		if c != nil {
			return Measured{}, c
		}
	}
	picture, err := p.scaled(ctx, picture, content.Height, content.Width)
	if err != nil {
		return Measured{}, err
	}
	e, err := p.easel(ctx, content, styles, o, max(content.Height, content.Width))
	if err != nil {
		return Measured{}, err
	}
	err = e.judge(picture.Pixels)
	return e.measured, err
}

// paint changes a picture at one size. base is the content at that size.
func (p *Painter) paint(ctx context.Context, picture, base Picture, styles []Style, o Gatys, size int) (Picture, error) {
	e, err := p.easel(ctx, base, styles, o, size)
	if err != nil {
		return Picture{}, err
	}
	if o.Optimizer == Adam {
		return e.adam(picture, o)
	}
	return e.lbfgs(picture, o)
}

// easel sees what a picture of the content's size is to be compared with.
func (p *Painter) easel(ctx context.Context, base Picture, styles []Style, o Gatys, size int) (*easel, error) {
	aim, err := o.objective(p.vgg.config, base.Height*base.Width)
	if err != nil {
		return nil, err
	}
	if least := p.vgg.smallest(slices.Concat(aim.ContentLayers, aim.StyleLayers)); min(base.Height, base.Width) < least {
		return nil, fmt.Errorf("style: at size %d the content is %dx%d: it must be at least %d either way for these layers", size, base.Width, base.Height, least)
	}
	e := &easel{ctx: ctx, painter: p, shape: base, inputs: []any{nil}, name: fmt.Sprintf("judge by %+v", aim)}
	e.losses = func(s *model.Scope, in []*graph.Node) Losses {
		contents := len(aim.ContentLayers)
		return aim.Judge(s, p.vgg, in[0], in[1:1+contents], in[1+contents:])
	}
	out, err := p.run.Call(ctx, fmt.Sprintf("see a content in %v", aim.ContentLayers), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return append(aim.ContentOf(s, p.vgg, in[0]), graph.ReduceAllSum(in[0])) // never none
	}, base.tensor())
	if err != nil {
		return nil, err
	}
	for _, t := range out[:len(out)-1] {
		e.inputs = append(e.inputs, t)
	}
	grams, err := p.blend(ctx, styles, aim, o, size)
	for _, t := range grams {
		e.inputs = append(e.inputs, t)
	}
	return e, err
}

// blend is the weighted mean of the styles' Gram matrices.
func (p *Painter) blend(ctx context.Context, styles []Style, aim Objective, o Gatys, size int) ([]*tensors.Tensor, error) {
	if len(aim.StyleLayers) == 0 {
		return nil, nil
	}
	if o.StyleSize > 0 {
		size = o.StyleSize
	}
	var sum []*tensors.Tensor
	var weights float64
	least := p.vgg.smallest(aim.StyleLayers)
	for i, style := range styles {
		height, width := style.fit(size)
		if min(height, width) < least {
			return nil, fmt.Errorf("style: at size %d style %d is %dx%d: it must be at least %d either way for these layers", size, i+1, width, height, least)
		}
		scaled, err := p.scaled(ctx, style.Picture, height, width)
		if err != nil {
			return nil, err
		}
		weight := style.Weight
		if weight == 0 {
			weight = 1
		}
		weights += weight
		args := []any{scaled.tensor(), float32(weight), float32(weights)}
		for _, t := range sum {
			args = append(args, t)
		}
		name := fmt.Sprintf("see a style in %v after %d", aim.StyleLayers, len(sum))
		sum, err = p.run.Call(ctx, name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			grams := aim.StyleOf(s, p.vgg, in[0])
			for i, before := range in[3:] { // the mean so far moves by the new one's part
				grams[i] = graph.Add(before, graph.Mul(graph.Sub(grams[i], before), graph.Div(in[1], in[2])))
			}
			return grams
		}, args...)
		if err != nil {
			return nil, err
		}
	}
	return sum, nil
}
