package gan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// The two models lie in one store, under these scopes.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
)

// metrics are the names of what a step measures: D's and G's loss, and D's mean verdict on real points and on made ones.
var metrics = []string{"loss_d", "loss_g", "d_x", "d_g_z"}

// Step makes the graph of one iteration: c.DSteps steps of D, each on the same real points and on new made ones, then one of G, by the
// last of these.
//
// The batch is points [batch, dims]; noise [d_steps, batch, nz]; and mix [d_steps, batch] in [0, 1), for the gradient penalty. Noise and
// mix are drawn where they aren't given.
func Step(g, d *Net, c TrainConfig) train.Step {
	adam := nn.NewAdam(c.Rate)
	adam.Beta1 = 0.5
	gParams, dParams := nn.Trained(g), nn.Trained(d)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		real, noise, mix := batch.At(0), batch.At(1), batch.At(2)
		if real.Rank() != 2 || real.Shape().Dim(1) != c.Model.Dims {
			panic(fmt.Errorf("gan: trains on points [batch, %d], was given %s", c.Model.Dims, real.Shape()))
		}
		gs, ds := s.At(generatorScope), s.At(discriminatorScope)
		judge := func(x *graph.Node) *graph.Node { return graph.Reshape(d.Main.Forward(ds, x), -1) }
		key := func() *graph.Node { return nn.NextKey(s, real.Graph()) }
		n := real.Shape().Dim(0)
		var fake, lossD, dx, dgz *graph.Node
		var dGrads []*graph.Node
		for i := range c.DSteps {
			fake = g.Main.Forward(gs, pick(noise, i, func() *graph.Node { return nn.Normal(key(), n, c.Model.NZ) }))
			detached := graph.StopGradient(fake)
			onReal, onFake := judge(real), judge(detached)
			lossD, dx, dgz = c.Loss.Discriminator(onReal, onFake, 0), c.Loss.Score(onReal), c.Loss.Score(onFake)
			if c.Loss == nn.WGANGP {
				between := pick(mix, i, func() *graph.Node { return nn.Uniform(key(), n) })
				lossD = graph.Add(lossD, graph.MulScalar(nn.GradientPenalty(judge, real, detached, between), c.Penalty))
			}
			dGrads = nn.Gradients(ds, lossD, dParams)
			adam.Update(ds, dParams, dGrads)
		}
		for _, p := range dParams { // or G's gradient would be sought through D's Adam
			p.Set(ds, graph.StopGradient(p.Node(ds, real.Graph())))
		}
		lossG := c.Loss.Generator(judge(fake))
		gGrads := nn.Gradients(gs, lossG, gParams)
		adam.Update(gs, gParams, gGrads)
		return train.Stepped{
			Metrics: []*graph.Node{lossD, lossG, dx, dgz},
			Gradients: append(nn.NameGradients(generatorScope+".", gParams, gGrads),
				nn.NameGradients(discriminatorScope+".", dParams, dGrads)...),
		}
	}
}

// pick is the i-th of given along its first axis or, where nothing is given, drawn.
func pick(given *graph.Node, i int, draw func() *graph.Node) *graph.Node {
	if given == nil {
		return draw()
	}
	return graph.Squeeze(graph.Slice(given, graph.AxisElem(i)), 0)
}
