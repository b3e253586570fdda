package clip

import (
	"cmp"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures: nats a pair, and the share of a batch's pictures whose own text is the nearest.
var metrics = []string{"loss", "accuracy"}

// Step makes the graph of one training step. The batch is texts, integers [batch, text length], and their pictures [batch, size, size,
// channels].
func Step(net *Net, c TrainConfig) train.Step {
	params := nn.Trained(net)
	rate := nn.Constant(c.Rate)
	if c.Total > 0 {
		rate = nn.WarmupCosine(c.Rate, 0, c.WarmUp, c.Total)
	}
	adam := nn.AdamW{Adam: nn.Adam{Rate: rate, Beta1: 0.9, Beta2: 0.98, Eps: cmp.Or(c.Eps, 1e-6)}, Decay: c.Decay, Decays: nn.Matrices}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		text, pictures := batch.At(0), batch.At(1)
		if pictures == nil {
			panic(fmt.Errorf("clip: trains on texts and pictures, the data set gives %d tensors a batch", len(batch)))
		}
		logits := net.Logits(s, net.EncodePictures(s, pictures), net.EncodeTexts(s, text))
		loss := Loss(logits)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss, matched(logits)}, Gradients: nn.NameGradients("", params, grads)}
	}
}

// Loss is the mean nats of telling each picture's text among all and each text's picture, both counting half (figure 3 of the paper).
// logits: [pairs, pairs].
func Loss(logits *graph.Node) *graph.Node {
	own := pairs(logits)
	both := graph.Add(nn.CrossEntropy(logits, own), nn.CrossEntropy(graph.Transpose(logits, 0, 1), own))
	return graph.MulScalar(graph.ReduceAllMean(both), 0.5)
}

// matched is the share of pictures whose own text has the greatest logit.
func matched(logits *graph.Node) *graph.Node {
	right := graph.Equal(nn.ArgMax(logits), pairs(logits))
	return graph.ReduceAllMean(graph.ConvertDType(right, dtypes.Float32))
}

// pairs are the places of each one's own, int32 [pairs].
func pairs(logits *graph.Node) *graph.Node {
	return graph.Iota(logits.Graph(), shapes.Make(dtypes.Int32, logits.Shape().Dim(0)), 0)
}
