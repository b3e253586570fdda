package dcgan

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// forDiscriminator is what D minimises, from its logits of real and made pictures: [batch] both.
func (c TrainConfig) forDiscriminator(real, fake *graph.Node) *graph.Node {
	switch c.Loss {
	case Hinge:
		return graph.Add(graph.ReduceAllMean(relu(graph.OneMinus(real))), graph.ReduceAllMean(relu(graph.OnePlus(fake))))
	case WGANGP:
		return graph.Sub(graph.ReduceAllMean(fake), graph.ReduceAllMean(real))
	default:
		label := graph.AddScalar(graph.ZerosLike(real), 1-c.Smooth)
		return graph.Add(
			graph.ReduceAllMean(nn.BCEWithLogits(real, label)),
			graph.ReduceAllMean(nn.BCEWithLogits(fake, graph.ZerosLike(fake))))
	}
}

// forGenerator is what G minimises, from D's logits of made pictures: the loss that doesn't saturate (Goodfellow et al., "Generative
// adversarial nets", 2014, section 3), or Wasserstein's.
func (c TrainConfig) forGenerator(fake *graph.Node) *graph.Node {
	if c.Loss == BCE {
		return graph.ReduceAllMean(nn.BCEWithLogits(fake, graph.OnesLike(fake)))
	}
	return graph.Neg(graph.ReduceAllMean(fake))
}

// score is what stands as D(x) in the article's line: the mean probability or, for losses without one, the mean output.
func (c TrainConfig) score(logits *graph.Node) *graph.Node {
	if c.Loss == BCE {
		logits = graph.Sigmoid(logits)
	}
	return graph.ReduceAllMean(logits)
}

// gradientPenalty holds the length of D's gradient near 1 between real and made pictures (Gulrajani et al., equation 3).
// mix: [batch], in [0, 1).
func gradientPenalty(s *model.Scope, d *Discriminator, real, fake, mix, labels *graph.Node) *graph.Node {
	mix = graph.InsertAxes(mix, -1, -1, -1)
	between := graph.Add(graph.Mul(mix, real), graph.Mul(graph.OneMinus(mix), fake))
	slope := graph.Gradient(graph.ReduceAllSum(d.Logits(s, between, labels)), between)[0]
	length := graph.Sqrt(graph.AddScalar(graph.ReduceSum(graph.Square(slope), 1, 2, 3), 1e-12)) // the root's gradient at 0 is none
	return graph.ReduceAllMean(graph.Square(graph.AddScalar(length, -1)))
}

func relu(x *graph.Node) *graph.Node { return nn.ReLU{}.Forward(nil, x) }
