package pixelwise

import (
	"cmp"

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
func Step[C Config](p *pixels.Painter, c TrainConfig[C]) train.Step {
	params, adam := nn.Trained(p.Net), nn.NewAdam(c.Rate)
	adam.Eps = cmp.Or(c.Eps, adam.Eps)
	if c.Total > 0 {
		adam.Rate = nn.WarmupCosine(c.Rate, 0, c.WarmUp, c.Total)
	}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x, noise := pixels.Shaped(batch.At(0), p.Height, p.Width, p.Channels), batch.At(2)
		if noise == nil && p.Levels == 2 {
			noise = nn.Uniform(nn.NextKey(s, x.Graph()), x.Shape().Dimensions...)
		}
		x = p.Quantize(x, noise)
		loss := p.Loss(p.Net.Forward(s, x, p.Class(batch.At(1))), x)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: p.Metrics(loss, x), Gradients: nn.NameGradients("", params, grads)}
	}
}
