package vae

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Coder is a network of an autoencoder, a [Net] or a [ConvNet].
type Coder interface {
	// Encode gives the mean and the logarithm of the variance of q(z|x). x: [batch, input], mu and logvar: [batch, latent].
	Encode(s *model.Scope, x *graph.Node) (mu, logvar *graph.Node)
	// Decode gives the logits of the pixels. z: [batch, latent], logits: [batch, input].
	Decode(s *model.Scope, z *graph.Node) *graph.Node
}

// newCoder declares the layers that a config asks for.
func newCoder(c Config) (Coder, error) {
	if len(c.Widths) > 0 {
		return NewConvNet(c)
	}
	return NewNet(c)
}

// Reparameterize is z = mu + eps·exp(logvar/2), all [batch, latent].
func Reparameterize(mu, logvar, eps *graph.Node) *graph.Node {
	return graph.Add(mu, graph.Mul(eps, graph.Exp(graph.MulScalar(logvar, 0.5))))
}

// Output is what a pass through the whole model gives.
type Output struct {
	Logits     *graph.Node // [batch, input]
	Mu, LogVar *graph.Node // [batch, latent]
}

// Forward encodes, samples with the given noise, decodes. x: [batch, input], eps: [batch, latent], drawn from the graph's key where it is nil.
func Forward(s *model.Scope, net Coder, x, eps *graph.Node) Output {
	mu, logvar := net.Encode(s, x)
	if eps == nil {
		eps = nn.Normal(nn.NextKey(s, x.Graph()), mu.Shape().Dimensions...)
	}
	if !eps.Shape().Equal(mu.Shape()) {
		panic(fmt.Errorf("vae: eps must be as mu is, %s, was given %s", mu.Shape(), eps.Shape()))
	}
	return Output{net.Decode(s, Reparameterize(mu, logvar, eps)), mu, logvar}
}

// Loss is the article's loss of a batch in its two parts, both summed over the batch, in nats: the reconstruction's binary
// cross-entropy (taken from logits, which is the same and never overflows) and the divergence of q(z|x) from N(0, 1).
func (o Output) Loss(x *graph.Node) (bce, kl *graph.Node) {
	return graph.ReduceAllSum(nn.BCEWithLogits(o.Logits, x)), graph.ReduceAllSum(nn.GaussianKL(o.Mu, o.LogVar))
}
