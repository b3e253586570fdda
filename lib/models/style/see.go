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
