package bert

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures: the loss in nats a label, and the gradient's length before clipping.
var metrics = []string{"loss", "norm"}

// Step makes the graph of one training step: AdamW, by which matrices decay and vectors don't, down the clipped gradient of the mean
// loss. The rate rises for c.WarmUp steps and falls to 0 at step c.Total; where that is 0, it stays. The batch is pieces and labels, as
// [Net.Loss] takes them, then the mask and the types, which may be left out.
func Step(net *Net, c TrainConfig) train.Step {
	params := nn.Trained(net)
	rate := nn.Constant(c.Rate)
	if c.Total > 0 {
		rate = nn.WarmupLinear(c.Rate, c.WarmUp, c.Total)
	}
	c = c.filled()
	adam := nn.AdamW{Adam: nn.Adam{Rate: rate, Beta1: c.Beta1, Beta2: c.Beta2, Eps: c.Eps}, Decay: c.Decay, Decays: nn.Matrices}
	limit := c.Clip
	if limit == 0 {
		limit = math.MaxFloat32
	}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		if len(batch) < 2 {
			panic(fmt.Errorf("bert: a batch is pieces, labels, mask and types, was given %d tensors", len(batch)))
		}
		logits := net.Logits(s, Text{Pieces: batch[0], Mask: batch.At(2), Types: batch.At(3), Positions: batch.At(4)})
		loss := net.Loss(logits, batch[1])
		grads := nn.Gradients(s, loss, params)
		clipped, norm := nn.ClipGlobalNorm(grads, limit)
		adam.Update(s, params, clipped)
		return train.Stepped{Metrics: []*graph.Node{loss, norm}, Gradients: nn.NameGradients("", params, grads)}
	}
}
