package nn

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// ELBO is the evidence lower bound of each example, in nats: the mean over samples of the log-likelihood less the divergence of q(z|x) from
// N(0, 1) in closed form (Kingma & Welling, "Auto-encoding variational Bayes", 2013, equation 7).
// logLikelihood: log p(x|z) [samples, batch]; mu, logvar: of q(z|x) [batch, latent]; elbo and kl: [batch].
func ELBO(logLikelihood, mu, logvar *graph.Node) (elbo, kl *graph.Node) {
	kl = graph.ReduceSum(GaussianKL(mu, logvar), -1)
	return graph.Sub(graph.ReduceMean(logLikelihood, 0), kl), kl
}

// ImportanceWeighted is a tighter bound of each example's evidence from the same samples, the logarithm of the mean of the weights
// p(x|z)·p(z)/q(z|x) (Burda et al., "Importance weighted autoencoders", 2016, equation 8).
// logLikelihood: log p(x|z) [samples, batch]; z = mu + eps·exp(logvar/2) and eps: [samples, batch, latent]; logvar: [batch, latent].
func ImportanceWeighted(logLikelihood, z, eps, logvar *graph.Node) *graph.Node {
	if z.Rank() != 3 || logLikelihood.Rank() != 2 || !z.Shape().Equal(eps.Shape()) || z.Shape().Dim(0) != logLikelihood.Shape().Dim(0) {
		panic(fmt.Errorf("nn: the importance weighted bound takes log p(x|z) [samples, batch], z and eps [samples, batch, latent], was given %s, %s, %s",
			logLikelihood.Shape(), z.Shape(), eps.Shape()))
	}
	// log p(z) - log q(z|x): the constants of the two normal densities are the same.
	ratio := graph.Add(graph.Sub(graph.Square(eps), graph.Square(z)), graph.InsertAxes(logvar, 0))
	weights := graph.Add(logLikelihood, graph.MulScalar(graph.ReduceSum(ratio, -1), 0.5))
	return graph.AddScalar(logSumExp(weights, 0), -math.Log(float64(weights.Shape().Dim(0))))
}

// logSumExp is the logarithm of the sum of exponentials along an axis.
func logSumExp(x *graph.Node, axis int) *graph.Node {
	// A constant to the gradient, which would else go through ReduceMax, too.
	largest := graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, axis))
	sum := graph.ReduceSum(graph.Exp(graph.Sub(x, largest)), axis)
	return graph.Add(graph.Log(sum), graph.Squeeze(largest, axis))
}
