// Package vae is the article's variational autoencoder (Kingma & Welling, "Auto-encoding variational Bayes", 2013): one hidden layer
// on either side of a Gaussian latent space, a Bernoulli likelihood for each pixel. The layers may be convolutions, too.
package vae

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is the article's class VAE, layer by layer.
type Net struct {
	FC1    *nn.Linear `nn:"fc1"`
	Mean   *nn.Linear `nn:"fc2_mean"`
	LogVar *nn.Linear `nn:"fc2_logvar"`
	FC3    *nn.Linear `nn:"fc3"`
	FC4    *nn.Linear `nn:"fc4"`
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(&Net{
		FC1:    nn.NewLinear(c.InputDim, c.HiddenDim, true),
		Mean:   nn.NewLinear(c.HiddenDim, c.LatentDim, true),
		LogVar: nn.NewLinear(c.HiddenDim, c.LatentDim, true),
		FC3:    nn.NewLinear(c.LatentDim, c.HiddenDim, true),
		FC4:    nn.NewLinear(c.HiddenDim, c.InputDim, true),
	}), nil
}

// String is the article's name of the class.
func (n *Net) String() string { return "VAE" }

// Encode gives the mean and the logarithm of the variance of q(z|x).
// x: [batch, input], mu and logvar: [batch, latent].
func (n *Net) Encode(s *model.Scope, x *graph.Node) (mu, logvar *graph.Node) {
	h := nn.ReLU{}.Forward(s, n.FC1.Forward(s, x))
	return n.Mean.Forward(s, h), n.LogVar.Forward(s, h)
}

// Decode gives the logits of the pixels; the article's recon_x is their sigmoid.
// z: [batch, latent], logits: [batch, input].
func (n *Net) Decode(s *model.Scope, z *graph.Node) *graph.Node {
	return n.FC4.Forward(s, nn.ReLU{}.Forward(s, n.FC3.Forward(s, z)))
}
