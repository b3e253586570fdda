package dalle

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// dvaeMetrics are the names of what a dVAE's step measures: loss and recon in nats a value of a picture; kl in nats a place, for a VQ-VAE
// the mean square between vectors and codes.
var dvaeMetrics = []string{"loss", "recon", "kl"}

// DVAEStep makes the graph of one training step of what turns pictures to codes. The batch is pictures [batch, size, size, channels] in
// [0, 1]; then, drawn where it isn't given, noise: of a dVAE Gumbel's [batch, rows, columns, vocab], of a VQ-VAE U[0, 1) [vocab]. Where
// c.Total is 0, rate, temperature and weight stay at c.Rate, c.Coldest and c.KLWeight.
func DVAEStep(net *DVAE, c DVAETraining) train.Step {
	params, adam := nn.Trained(net), newAdam(c.Rate, c.Eps, c.WarmUp, c.Total)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x, noise := batch.At(0), batch.At(1)
		net.check(x)
		g, side := x.Graph(), c.Model.side()
		var loss, recon, second *graph.Node
		if net.Codebook == nil {
			if noise == nil {
				noise = nn.Gumbel(nn.NextKey(s, g), x.Shape().Dim(0), side, side, c.Model.Vocab)
			}
			done := c.done(s, g)
			r := net.Forward(s, x, noise, graph.Exp(graph.MulScalar(done, math.Log(c.Coldest))))
			loss = graph.Add(r.Recon, graph.Mul(graph.MulScalar(done, c.KLWeight), r.KL))
			recon, second = r.Recon, r.KL
		} else {
			if noise == nil {
				noise = nn.Uniform(nn.NextKey(s, g), c.Model.Vocab)
			}
			mapped := MapPixels(x)
			h := net.Encoder.Forward(s, mapped)
			z, codes, commitment := net.Codebook.Quantize(s, h)
			recon, second = graph.ReduceAllMean(NLL(mapped, net.Decoder.Forward(s, z))), commitment
			loss = graph.Add(recon, graph.MulScalar(commitment, c.Commitment))
			net.Codebook.Follow(s, h, codes, noise)
		}
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss, recon, second}, Gradients: nn.NameGradients("", params, grads)}
	}
}

// done rises evenly from 0 to 1 over the first half of the steps; 1 without a total.
func (c DVAETraining) done(s *model.Scope, g *graph.Graph) *graph.Node {
	if c.Total == 0 {
		return graph.Scalar(g, dtypes.Float32, 1)
	}
	counter := s.VariableWithValue("annealed", float32(0)).SetTrainable(false)
	n := counter.NodeValue(g)
	counter.SetNodeValue(graph.OnePlus(n))
	return graph.MinScalar(graph.DivScalar(n, float64(c.Total)/2), 1)
}

func newAdam(rate, eps float64, warmUp, total int) nn.Adam {
	adam := nn.NewAdam(rate)
	adam.Eps = cmp.Or(eps, adam.Eps)
	if total > 0 {
		adam.Rate = nn.WarmupCosine(rate, 0, warmUp, total)
	}
	return adam
}

// metrics are the names of what the transformer's step measures, in nats a token: the loss, and its parts.
var metrics = []string{"loss", "loss_text", "loss_image"}

// Step makes the graph of one training step of the transformer. The batch is texts, integers [batch, text length], and codes, integers
// [batch, side·side]; or pictures, which encode, when it isn't nil, turns to codes, int32 [batch, side, side].
func Step(net *Transformer, encode func(s *model.Scope, pictures *graph.Node) *graph.Node, c TrainConfig) train.Step {
	params, adam := nn.Trained(net), newAdam(c.Rate, c.Eps, c.WarmUp, c.Total)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		text, codes := batch.At(0), batch.At(1)
		if codes == nil {
			panic(fmt.Errorf("dalle: trains on texts and pictures, the data set gives %d tensors a batch", len(batch)))
		}
		if encode != nil {
			codes = graph.Reshape(encode(s, codes), codes.Shape().Dim(0), -1)
		}
		if c.Drop > 0 {
			text = drop(s, text, c.Drop)
		}
		loss, ofText, ofCodes := net.Loss(s, text, codes, c.ImageWeight)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss, ofText, ofCodes}, Gradients: nn.NameGradients("", params, grads)}
	}
}

// drop empties a share of the texts, integers [batch, length].
func drop(s *model.Scope, text *graph.Node, share float64) *graph.Node {
	u := nn.Uniform(nn.NextKey(s, text.Graph()), text.Shape().Dim(0), 1)
	empty := graph.BroadcastToShape(graph.LessThan(u, graph.AddScalar(graph.ZerosLike(u), share)), shapes.Make(dtypes.Bool, text.Shape().Dimensions...))
	return graph.Where(empty, graph.ZerosLike(text), text)
}

// Loss is (text + weight·codes)/(1 + weight), and both: mean nats a token. The paper weighs codes by 7 (section 2.2).
func (t *Transformer) Loss(s *model.Scope, text, codes *graph.Node, weight float64) (loss, ofText, ofCodes *graph.Node) {
	textLogits, codeLogits := t.Forward(s, text, codes)
	mean := func(logits, tokens *graph.Node) *graph.Node {
		return graph.ReduceAllMean(nn.CrossEntropy(logits, tokens))
	}
	ofText, ofCodes = mean(textLogits, t.padded(text)), mean(codeLogits, codes)
	return graph.DivScalar(graph.Add(ofText, graph.MulScalar(ofCodes, weight)), 1+weight), ofText, ofCodes
}
