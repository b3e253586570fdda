// Package gan is a generative adversarial network (Goodfellow et al., "Generative adversarial nets", 2014) of two small perceptrons, for
// points on a line or in a plane, where one sees what it does. Package dcgan has the one for pictures.
package gan

import "genlab/lib/nn"

// Net is one of the two models.
type Net struct {
	Main nn.Sequential `nn:"main"`
}

// NewNets declares both.
func NewNets(c Config) (generator, discriminator *Net, err error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	return newNet(c, c.NZ, c.Dims, nn.ReLU{}), newNet(c, c.Dims, 1, nn.LeakyReLU{Slope: 0.2}), nil
}

func newNet(c Config, in, out int, between nn.Layer) *Net {
	n := &Net{}
	for range c.Layers {
		n.Main = append(n.Main, nn.NewLinear(in, c.Hidden, true), between)
		in = c.Hidden
	}
	n.Main = append(n.Main, nn.NewLinear(in, out, true))
	return nn.Name(n)
}
