package style

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// The network and the VGG lie in one store, under these scopes.
const (
	netScope = "net"
	vggScope = "vgg"
)

// metrics are the names of what a step measures.
var metrics = []string{"loss"}

// Step makes the graph of one training step of Adam. The batch is pictures [batch, height, width, 3] in [0, 1], and the style's, [1, height,
// width, 3], of any size. The VGG isn't trained.
func Step(n *Net, v *VGG, c TrainConfig) (train.Step, error) {
	content, err := c.VGG.Find([]string{c.ContentLayer})
	if err != nil {
		return nil, err
	}
	layers, err := c.VGG.Find(c.StyleLayers)
	if err != nil {
		return nil, err
	}
	return step(n, v, c, content[0], layers), nil
}

// step is [Step] with layers by their modules' numbers.
func step(n *Net, v *VGG, c TrainConfig, content int, layers []int) train.Step {
	adam := nn.NewAdam(c.Rate)
	adam.Eps = c.Eps
	params := nn.Trained(n)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		if len(batch) < 2 {
			panic(fmt.Errorf("style: trains on pictures and a style, the data set gives %d tensors a batch", len(batch)))
		}
		ns, vs := s.At(netScope), s.At(vggScope)
		x := batch[0]
		made := graph.DivScalar(n.Forward(ns, graph.MulScalar(x, 255)), 255)
		var grams []*graph.Node
		for _, f := range v.Forward(vs, v.Normalize(batch[1]), layers) {
			grams = append(grams, graph.StopGradient(gramPer(f, true)))
		}
		of := graph.StopGradient(v.Forward(vs, v.Normalize(x), []int{content})[0])
		features := v.Forward(vs, v.Normalize(made), append([]int{content}, layers...))
		loss := perceptualLoss(features[0], of, features[1:], grams, c.ContentWeight, c.StyleWeight)
		if c.TVWeight > 0 {
			loss = graph.Add(loss, graph.MulScalar(graph.DivScalar(variation(made), float64(x.Shape().Dim(0))), c.TVWeight))
		}
		grads := nn.Gradients(ns, loss, params)
		adam.Update(ns, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss}, Gradients: nn.NameGradients(netScope+".", params, grads)}
	}
}
