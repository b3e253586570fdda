package stylegan

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Feature is what a layer gives for one point.
type Feature struct {
	Name           string // NVIDIA's of StyleGAN3's layers
	Size, Channels int
	Values         []float32 // [size, size, channels]
	// Cutoff is the frequency up to which the layer's signal goes and Rate that of its samples, in cycles and samples a picture; 0 for
	// StyleGAN2's layers, which have no such limit.
	Cutoff float64
	Rate   int
}

// Features are what the synthesis' layers give for one point of the latent space, the first class of a model that has classes.
func (m *Model) Features(ctx context.Context, z []float32) ([]Feature, error) {
	p := Points{Z: [][]float32{z}, Labels: m.Labels(1)}
	if err := m.check(p); err != nil {
		return nil, err
	}
	args := []any{m.Config.flat(p.Z, 0, 1), m.Config.flat(p.Z, 0, 1), int32(0), float32(1), Look{}.transform()}
	if p.Labels != nil {
		args = append(args, []int32{0})
	}
	var layers []any
	out, err := m.run.Call(ctx, "look into the layers", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		layers = nil
		var outputs []*graph.Node
		nn.Watch(s, in[0].Graph(), func(_ *model.Scope, layer any, y *graph.Node) {
			layers, outputs = append(layers, layer), append(outputs, y)
		})
		m.generating(s, in)
		return outputs
	}, args...)
	if err != nil {
		return nil, err
	}
	list := make([]Feature, len(out))
	for i, t := range out {
		d := t.Shape().Dimensions
		list[i] = Feature{Name: layerName(i, d[1], d[3]), Size: d[1], Channels: d[3]}
		if l, ok := layers[i].(*layer); ok {
			list[i].Cutoff, list[i].Rate = l.OutCutoff, l.OutRate
		}
		if list[i].Values, err = tensors.CopyFlatData[float32](t); err != nil {
			return nil, fmt.Errorf("stylegan: reading layer %s: %w", list[i].Name, err)
		}
	}
	return list, nil
}
