package pixelcnn

import (
	"cmp"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
	"genlab/lib/train"
)

// metrics are the names of what a step measures: nats a picture, and bits for each colour of each pixel.
var metrics = []string{"loss", "bits"}

// Step makes the graph of one training step: it moves the weights down the gradient of the mean nats a value. The batch is x, values in
// [0, 1] [batch, height, width, channels] or [batch, height·width·channels]; the classes, int32 [batch], if the model knows some; and for
// two levels the noise that black and white are drawn by, U[0, 1) of x's shape, drawn where it isn't given.
func Step(net pixels.Net, c TrainConfig) train.Step {
	l, params := c.Model.Likelihood(), nn.Trained(net)
	adam := nn.NewAdam(c.Rate)
	adam.Eps = cmp.Or(c.Eps, adam.Eps)
	if c.Total > 0 {
		adam.Rate = nn.WarmupCosine(c.Rate, 0, c.WarmUp, c.Total)
	}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x, noise := pixels.Shaped(batch.At(0), c.Model.Height, c.Model.Width, c.Model.Channels), batch.At(2)
		if noise == nil && l.Levels == 2 {
			noise = nn.Uniform(nn.NextKey(s, x.Graph()), x.Shape().Dimensions...)
		}
		x = l.Quantize(x, noise)
		loss := l.Loss(net.Forward(s, x, c.Model.class(batch.At(1))), x)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: l.Metrics(loss, x), Gradients: nn.NameGradients("", params, grads)}
	}
}

// class leaves out classes that the model doesn't know.
func (c Config) class(given *graph.Node) *graph.Node {
	if c.Classes == 0 {
		return nil
	}
	return given
}
