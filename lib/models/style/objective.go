package style

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Losses are what a picture is judged by, scalars. Total is the weighted sum.
type Losses struct{ Content, Style, Variation, Total *graph.Node }

// ContentOf gives what o.ContentLayers make of a picture [1, height, width, 3] in [0, 1].
func (o Objective) ContentOf(s *model.Scope, v *VGG, picture *graph.Node) []*graph.Node {
	if len(o.ContentLayers) == 0 {
		return nil
	}
	return v.Forward(s, v.Normalize(picture), o.ContentLayers)
}

// StyleOf gives the Gram matrices, divided by places, of what o.StyleLayers make of a picture [1, height, width, 3] in [0, 1].
func (o Objective) StyleOf(s *model.Scope, v *VGG, picture *graph.Node) []*graph.Node {
	if len(o.StyleLayers) == 0 {
		return nil
	}
	grams := v.Forward(s, v.Normalize(picture), o.StyleLayers)
	for i, x := range grams {
		grams[i] = gramPer(x, false)
	}
	return grams
}

// Judge compares a picture [1, height, width, 3] in [0, 1] with the features that ContentOf gave and the Gram matrices that StyleOf did
// (Gatys et al., equation 7).
func (o Objective) Judge(s *model.Scope, v *VGG, picture *graph.Node, content, grams []*graph.Node) Losses {
	zero := graph.ScalarZero(picture.Graph(), picture.DType())
	l := Losses{zero, zero, variation(picture), nil}
	features := v.Forward(s, v.Normalize(picture), slices.Concat(o.ContentLayers, o.StyleLayers))
	for i, x := range features {
		if i < len(content) {
			l.Content = graph.Add(l.Content, contentLoss(x, content[i]))
		} else {
			at := i - len(content)
			l.Style = graph.Add(l.Style, graph.MulScalar(styleLoss(x, grams[at]), o.StyleWeights[at]))
		}
	}
	l.Total = graph.Add(graph.MulScalar(l.Content, o.ContentWeight), graph.MulScalar(l.Style, o.StyleWeight))
	l.Total = graph.Add(l.Total, graph.MulScalar(l.Variation, o.TVWeight))
	return l
}
