package style

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Seen is what a layer of a VGG makes of a picture.
type Seen struct {
	Height, Width, Channels int
	Values                  []float32 // [height, width, channels] flat
}

// See gives what layers, by name, make of a picture.
func (p *Painter) See(ctx context.Context, picture Picture, layers []string) ([]Seen, error) {
	if err := picture.check("picture"); err != nil {
		return nil, err
	}
	modules, err := p.vgg.config.Find(layers)
	if err != nil {
		return nil, err
	}
	out, err := p.run.Call(ctx, fmt.Sprintf("see in %v", modules), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return p.vgg.Forward(s, p.vgg.Normalize(in[0]), modules)
	}, picture.tensor())
	if err != nil {
		return nil, err
	}
	seen := make([]Seen, len(out))
	for i, t := range out {
		d := t.Shape().Dimensions
		flat, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		seen[i] = Seen{d[1], d[2], d[3], flat}
	}
	return seen, nil
}

// Maximize changes noise until a channel of a layer, by name, is as large in the mean as it gets: what that channel looks for (Erhan, Bengio,
// Courville & Vincent, "Visualizing higher-layer features of a deep network", 2009). The picture is size×size; steps are Adam's.
func (p *Painter) Maximize(ctx context.Context, layer string, channel, size, steps int, seed uint64) (Picture, error) {
	modules, err := p.vgg.config.Find([]string{layer})
	if err != nil {
		return Picture{}, err
	}
	if least := p.vgg.smallest(modules); size < least || size > 4096 {
		return Picture{}, fmt.Errorf("style: size is %d: it must be %d to 4096 for %s", size, least, layer)
	}
	if channels := p.vgg.channels(modules[0]); channel < 0 || channel >= channels {
		return Picture{}, fmt.Errorf("style: channel is %d: it must be 0 to %d for %s", channel, channels-1, layer)
	}
	if steps < 1 {
		return Picture{}, fmt.Errorf("style: steps is %d: it must be at least 1", steps)
	}
	from := noise(size, size, seed)
	e := &easel{ctx: ctx, painter: p, shape: from, inputs: []any{nil}, name: fmt.Sprintf("see channel %d of %s", channel, layer)}
	e.losses = func(s *model.Scope, in []*graph.Node) Losses {
		seen := p.vgg.Forward(s, p.vgg.Normalize(in[0]), modules)[0]
		zero := graph.ScalarZero(in[0].Graph(), in[0].DType())
		l := Losses{zero, zero, variation(in[0]), nil}
		l.Content = graph.ReduceAllMean(graph.SliceAxis(seen, 3, graph.AxisElem(channel)))
		l.Total = graph.Sub(graph.MulScalar(l.Variation, smooth/float64(size*size)), l.Content)
		return l
	}
	o := DefaultGatys()
	o.Steps = steps
	made, err := e.adam(from, o)
	return made.clipped(), err
}

// smooth is the weight of the total variation a pixel in [Painter.Maximize], without which it finds noise that no photograph has.
const smooth = 100
