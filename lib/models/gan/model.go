// Package gan is a generative adversarial network (Goodfellow et al., "Generative adversarial nets", 2014) of two small perceptrons, for
// points on a line or in a plane, where one sees what it does. Package dcgan has the one for pictures.
package gan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

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

// The two models lie in one store, under these scopes.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
)

var metrics = []string{"loss_d", "loss_g", "d_x", "d_g_z"}

// step is the graph of one iteration. inputs: points [batch, dims].
func step(g, d *Net, c TrainConfig) func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
	c = c.filled()
	adam := nn.NewAdam(c.Rate)
	adam.Beta1 = 0.5
	gParams, dParams := nn.Trained(g), nn.Trained(d)
	return func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		real := inputs[0]
		if real.Rank() != 2 || real.Shape().Dim(1) != c.Model.Dims {
			panic(fmt.Errorf("gan: trains on points [batch, %d], was given %s", c.Model.Dims, real.Shape()))
		}
		gs, ds := s.At(generatorScope), s.At(discriminatorScope)
		judge := func(x *graph.Node) *graph.Node { return graph.Reshape(d.Main.Forward(ds, x), -1) }
		batch := real.Shape().Dim(0)
		var fake, lossD, dx, dgz *graph.Node
		for range c.DSteps {
			fake = g.Main.Forward(gs, nn.Normal(nn.NextKey(s, real.Graph()), batch, c.Model.NZ))
			detached := graph.StopGradient(fake)
			onReal, onFake := judge(real), judge(detached)
			lossD, dx, dgz = c.Loss.Discriminator(onReal, onFake, 0), c.Loss.Score(onReal), c.Loss.Score(onFake)
			if c.Loss == nn.WGANGP {
				mix := nn.Uniform(nn.NextKey(s, real.Graph()), batch)
				lossD = graph.Add(lossD, graph.MulScalar(nn.GradientPenalty(judge, real, detached, mix), c.Penalty))
			}
			adam.Update(ds, dParams, nn.Gradients(ds, lossD, dParams))
		}
		for _, p := range dParams { // or G's gradient would be sought through D's Adam
			p.Set(ds, graph.StopGradient(p.Node(ds, real.Graph())))
		}
		lossG := c.Loss.Generator(judge(fake))
		adam.Update(gs, gParams, nn.Gradients(gs, lossG, gParams))
		return []*graph.Node{lossD, lossG, dx, dgz}
	}
}
