package style

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Decoder makes a picture of what a layer of a VGG sees, by the VGG's layers backwards, as naoto0804's PyTorch program of AdaIN has it, whose
// names its parameters have. Its input is a ReLU's output.
type Decoder struct{ nn.Sequential }

// NewDecoder declares the layers for what a module, a ReLU, of such a VGG gives.
func NewDecoder(c VGGConfig, module int) (*Decoder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if _, modules := c.Layers(); !slices.Contains(modules, module) {
		return nil, fmt.Errorf("style: the layer is %d: it must be a ReLU, one of %v", module, modules)
	}
	widths := slices.Clone(c.upTo(module).Widths)
	d := &Decoder{}
	around := nn.Padding{Mode: nn.PadReflect, Before: []int{1, 1}, After: []int{1, 1}}
	for i, width := range slices.Backward(widths) {
		if width == Pooling {
			d.Sequential = append(d.Sequential, nn.UpsampleBy(2))
			continue
		}
		out := 3
		for _, before := range slices.Backward(widths[:i]) {
			if before != Pooling {
				out = before
				break
			}
		}
		d.Sequential = append(d.Sequential, around, nn.NewConv2d(width, out, []int{3}, nn.ConvOptions{}), nn.ReLU{})
	}
	d.Sequential = d.Sequential[:len(d.Sequential)-1] // a picture is no ReLU's
	return nn.Name(d), nil
}

// arbitraryLosses are those that a [Decoder] learns by: of the picture that it makes from the content with the style's moments. content,
// style: [batch, height, width, 3] in [0, 1]; layers are modules of the VGG, the last of which the decoder is for, and what each gives is divided
// by its scale: none is 1.
func arbitraryLosses(ds, vs *model.Scope, d *Decoder, v *VGG, layers []int, scales []float64, content, style *graph.Node) (ofContent, ofStyle *graph.Node) {
	if content.Shape().Dim(0) != style.Shape().Dim(0) {
		panic(errors.New("style: there must be as many contents as styles in a batch"))
	}
	last := len(layers) - 1
	see := func(x *graph.Node) []*graph.Node { return scaled(v.Forward(vs, v.Normalize(x), layers), scales) }
	seen := see(style)
	for i := range seen {
		seen[i] = graph.StopGradient(seen[i])
	}
	aim := graph.StopGradient(AdaIN(see(content)[last], seen[last], 1, adainEps))
	made := see(d.Forward(ds, aim))
	ofContent = meanSquare(made[last], aim)
	ofStyle = graph.ScalarZero(content.Graph(), content.DType())
	for i := range made {
		ofStyle = graph.Add(ofStyle, momentsLoss(made[i], seen[i], adainEps))
	}
	return ofContent, ofStyle
}

// scaled divides each layer's values by its scale.
func scaled(layers []*graph.Node, scales []float64) []*graph.Node {
	for i, by := range scales {
		layers[i] = graph.DivScalar(layers[i], by)
	}
	return layers
}
