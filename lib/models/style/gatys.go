package style

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/optimize"

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

// Progress is how far a painting is.
type Progress struct {
	Step, Steps             int // of this size
	Content, Style, TV, Sum float64
	Picture                 Picture
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

// paint changes a picture at one size. base is the content at that size.
func (p *Painter) paint(ctx context.Context, picture, base Picture, styles []Style, o Gatys, size int) (Picture, error) {
	aim, err := o.objective(p.vgg.config, base.Height*base.Width)
	if err != nil {
		return Picture{}, err
	}
	if least := p.vgg.smallest(slices.Concat(aim.ContentLayers, aim.StyleLayers)); min(base.Height, base.Width) < least {
		return Picture{}, fmt.Errorf("style: at size %d the content is %dx%d: it must be at least %d either way for these layers", size, base.Width, base.Height, least)
	}
	e := &easel{ctx: ctx, painter: p, aim: aim, shape: base, inputs: []any{nil}}
	out, err := p.run.Call(ctx, fmt.Sprintf("see a content in %v", aim.ContentLayers), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return append(aim.ContentOf(s, p.vgg, in[0]), graph.ReduceAllSum(in[0])) // never none
	}, base.tensor())
	if err != nil {
		return Picture{}, err
	}
	for _, t := range out[:len(out)-1] {
		e.inputs = append(e.inputs, t)
	}
	grams, err := p.blend(ctx, styles, aim, o, size)
	if err != nil {
		return Picture{}, err
	}
	for _, t := range grams {
		e.inputs = append(e.inputs, t)
	}
	if o.Optimizer == Adam {
		return e.adam(picture, o)
	}
	return e.lbfgs(picture, o)
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

// easel is a painting at one size.
type easel struct {
	ctx     context.Context //nolint:containedctx // of the one call that made it
	painter *Painter
	aim     Objective
	shape   Picture
	inputs  []any // of judge: the picture, the content's features, the style's Gram matrices

	judged   []float32 // the picture that losses and gradient are of
	losses   [4]float64
	gradient []float32
}

// judge measures a picture, if it isn't the one that was measured last.
func (e *easel) judge(pixels []float32) error {
	if slices.Equal(pixels, e.judged) {
		return nil
	}
	aim, v := e.aim, e.painter.vgg
	e.inputs[0] = Picture{e.shape.Height, e.shape.Width, pixels}.tensor()
	out, err := e.painter.run.Call(e.ctx, fmt.Sprintf("judge by %+v", aim), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		contents := len(aim.ContentLayers)
		l := aim.Judge(s, v, in[0], in[1:1+contents], in[1+contents:])
		return []*graph.Node{graph.Stack([]*graph.Node{l.Content, l.Style, l.Variation, l.Total}, 0), graph.Gradient(l.Total, in[0])[0]}
	}, e.inputs...)
	if err != nil {
		return err
	}
	values, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return err
	}
	for i, v := range values {
		e.losses[i] = float64(v)
	}
	e.gradient, err = tensors.CopyFlatData[float32](out[1])
	e.judged = slices.Clone(pixels)
	return err
}

func (e *easel) report(step int, pixels []float32, o Gatys) error {
	if o.Watch == nil || step == 0 {
		return e.ctx.Err()
	}
	if err := e.judge(pixels); err != nil {
		return err
	}
	l := e.losses
	return o.Watch(Progress{step, o.Steps, l[0], l[1], l[2], l[3], Picture{e.shape.Height, e.shape.Width, slices.Clone(pixels)}})
}

// lbfgs minimises by gonum's L-BFGS, in float64 over a compiled loss and gradient in float32.
func (e *easel) lbfgs(from Picture, o Gatys) (Picture, error) {
	var failed error
	single := make([]float32, len(from.Pixels))
	judge := func(x []float64) {
		for i, v := range x {
			single[i] = float32(v)
		}
		if failed == nil {
			failed = e.judge(single)
		}
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 { judge(x); return e.losses[3] },
		Grad: func(gradient, x []float64) {
			judge(x)
			for i := range gradient {
				gradient[i] = float64(e.gradient[i])
			}
		},
		Status: func() (optimize.Status, error) {
			if failed != nil {
				return optimize.Failure, failed
			}
			return optimize.NotTerminated, e.ctx.Err()
		},
	}
	start := make([]float64, len(from.Pixels))
	for i, v := range from.Pixels {
		start[i] = float64(v)
	}
	w := &watcher{e, o, single, 0}
	result, err := optimize.Minimize(problem, start, &optimize.Settings{
		MajorIterations: o.Steps + 1, // the start counts, too
		Converger:       optimize.NeverTerminate{}, Recorder: w,
	}, &optimize.LBFGS{Store: history})
	switch {
	case failed != nil:
		return Picture{}, failed
	case e.ctx.Err() != nil:
		return Picture{}, e.ctx.Err()
	case result == nil:
		return Picture{}, fmt.Errorf("style: L-BFGS: %w", err)
	}
	for i, v := range result.X {
		single[i] = float32(v)
	}
	if result.Status == optimize.IterationLimit { // gonum doesn't record the last
		err := e.report(w.step, single, o)
		return Picture{from.Height, from.Width, single}, err
	}
	// A line search that finds nothing better, as near a minimum in float32, ends the painting where it stands.
	return Picture{from.Height, from.Width, single}, nil
}

// watcher reports what gonum calls major iterations.
type watcher struct {
	easel  *easel
	o      Gatys
	single []float32
	step   int
}

// Init is called before the first iteration.
func (*watcher) Init() error { return nil }

// Record is called with each operation.
func (w *watcher) Record(at *optimize.Location, op optimize.Operation, _ *optimize.Stats) error {
	if op != optimize.MajorIteration {
		return nil
	}
	for i, v := range at.X {
		w.single[i] = float32(v)
	}
	err := w.easel.report(w.step, w.single, w.o)
	w.step++
	return err
}

// adam minimises by Adam, whose moments are kept here: one compiled graph serves both optimisers.
func (e *easel) adam(from Picture, o Gatys) (Picture, error) {
	x := slices.Clone(from.Pixels)
	first, second := make([]float32, len(x)), make([]float32, len(x))
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	power1, power2 := 1.0, 1.0
	for step := range o.Steps {
		if err := e.judge(x); err != nil {
			return Picture{}, err
		}
		power1, power2 = power1*beta1, power2*beta2
		for i, g := range e.gradient {
			first[i] = beta1*first[i] + (1-beta1)*g
			second[i] = beta2*second[i] + (1-beta2)*g*g
			x[i] -= float32(o.Rate / (1 - power1) * float64(first[i]) / (math.Sqrt(float64(second[i])/(1-power2)) + eps))
		}
		if err := e.report(step+1, x, o); err != nil {
			return Picture{}, err
		}
	}
	return Picture{from.Height, from.Width, x}, nil
}
