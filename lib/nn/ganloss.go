package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// GANLoss is what a generator and a discriminator play for.
type GANLoss string

const (
	// GANBCE is the binary cross-entropy of Goodfellow et al., "Generative adversarial nets", 2014, from logits: the numbers of Sigmoid
	// and BCELoss without their overflow. The generator's is the one that doesn't saturate (section 3 there).
	GANBCE GANLoss = ""
	// GANHinge is the margin loss of Lim & Ye, "Geometric GAN", 2017.
	GANHinge GANLoss = "hinge"
	// WGANGP is the Wasserstein loss, to which [GradientPenalty] belongs (Gulrajani et al., "Improved training of Wasserstein GANs", 2017).
	WGANGP GANLoss = "wgan-gp"
)

// Validate reports a name that is none of these.
func (l GANLoss) Validate() error {
	if l != GANBCE && l != GANHinge && l != WGANGP {
		return fmt.Errorf("loss is %q: it must be %q (binary cross-entropy), %q or %q", string(l), string(GANBCE), string(GANHinge), string(WGANGP))
	}
	return nil
}

// Discriminator is what D minimises, a scalar, from its logits of real and made examples, [batch] both. smooth is taken off the label
// of real ones (Salimans et al., "Improved techniques for training GANs", 2016, section 3.4), for GANBCE.
func (l GANLoss) Discriminator(real, fake *graph.Node, smooth float64) *graph.Node {
	switch l {
	case GANHinge:
		return graph.Add(graph.ReduceAllMean(ReLU{}.Forward(nil, graph.OneMinus(real))), graph.ReduceAllMean(ReLU{}.Forward(nil, graph.OnePlus(fake))))
	case WGANGP:
		return graph.Sub(graph.ReduceAllMean(fake), graph.ReduceAllMean(real))
	default:
		label := graph.AddScalar(graph.ZerosLike(real), 1-smooth)
		return graph.Add(graph.ReduceAllMean(BCEWithLogits(real, label)), graph.ReduceAllMean(BCEWithLogits(fake, graph.ZerosLike(fake))))
	}
}

// Generator is what G minimises, a scalar, from D's logits of made examples: [batch].
func (l GANLoss) Generator(fake *graph.Node) *graph.Node {
	if l == GANBCE {
		return graph.ReduceAllMean(BCEWithLogits(fake, graph.OnesLike(fake)))
	}
	return graph.Neg(graph.ReduceAllMean(fake))
}

// Score is D's mean verdict: a probability or, for losses without one, the mean output.
func (l GANLoss) Score(logits *graph.Node) *graph.Node {
	if l == GANBCE {
		logits = graph.Sigmoid(logits)
	}
	return graph.ReduceAllMean(logits)
}

// GradientPenalty holds the length of D's gradient near 1 between real and made examples (Gulrajani et al., equation 3), a scalar.
// real, fake: [batch, ...], mix: [batch] in [0, 1), critic gives logits [batch] of examples.
func GradientPenalty(critic func(x *graph.Node) *graph.Node, real, fake, mix *graph.Node) *graph.Node {
	rest := make([]int, real.Rank()-1)
	for i := range rest {
		rest[i] = i + 1
		mix = graph.InsertAxes(mix, -1)
	}
	between := graph.Add(graph.Mul(mix, real), graph.Mul(graph.OneMinus(mix), fake))
	slope := graph.Gradient(graph.ReduceAllSum(critic(between)), between)[0]
	length := graph.Sqrt(graph.AddScalar(graph.ReduceSum(graph.Square(slope), rest...), 1e-12)) // the root has no gradient at 0
	return graph.ReduceAllMean(graph.Square(graph.AddScalar(length, -1)))
}
