package dcgan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// The two models lie in one store, under these scopes; the generator's running mean under a third.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	meanScope          = "mean"
)

// metrics are the names of what a step measures: D's and G's loss, and D's mean verdict on real pictures and on made ones before and
// after its own step.
var metrics = []string{"loss_d", "loss_g", "d_x", "d_g_z1", "d_g_z2"}

// Step makes the graph of one iteration of the article's loop: in each of c.DSteps rounds D judges real pictures, then made ones, and its
// Adam moves it; then G's Adam moves G through the D of after that, by the pictures of the last round. G makes those once. Each of D's
// passes moves its running statistics, two a round and one for G, as PyTorch's calls do.
//
// The batch is pictures [batch, size, size, nc] in [0, 1], batch being a multiple of c.DSteps; labels, integers [batch], of a model with
// classes; noise [batch, nz]; and mix [batch] in [0, 1), for the gradient penalty. Noise and mix are drawn where they aren't given.
func Step(g *Generator, d *Discriminator, c TrainConfig) train.Step {
	adam := nn.NewAdam(c.Rate)
	adam.Beta1, adam.Beta2 = c.Betas[0], c.Betas[1]
	gParams, dParams := nn.Trained(g), nn.Trained(d)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		gs, ds := s.At(generatorScope), s.At(discriminatorScope)
		var fake, labels, lossD, dx, dgz1 *graph.Node
		var dGrads []*graph.Node
		for _, r := range c.rounds(s, batch) {
			labels = r.labels
			fake = g.Forward(gs, r.noise, labels)
			detached := graph.StopGradient(fake)
			onReal := d.Logits(ds, r.real, labels)
			onFake := d.Logits(ds, detached, labels)
			lossD, dx, dgz1 = c.Loss.Discriminator(onReal, onFake, c.Smooth), c.Loss.Score(onReal), c.Loss.Score(onFake)
			if c.Loss == nn.WGANGP {
				critic := func(x *graph.Node) *graph.Node { return d.Logits(ds, x, r.labels) }
				lossD = graph.Add(lossD, graph.MulScalar(nn.GradientPenalty(critic, r.real, detached, r.mix), c.Penalty))
			}
			dGrads = nn.Gradients(ds, lossD, dParams)
			adam.Update(ds, dParams, dGrads)
		}
		for _, p := range dParams { // or G's gradient would be sought through D's Adam
			p.Set(ds, graph.StopGradient(p.Node(ds, fake.Graph())))
		}
		onFake := d.Logits(ds, fake, labels)
		lossG, dgz2 := c.Loss.Generator(onFake), c.Loss.Score(onFake)
		gGrads := nn.Gradients(gs, lossG, gParams)
		adam.Update(gs, gParams, gGrads)
		if c.EMA > 0 {
			train.EMA{Decay: c.EMA}.Update(s.At(meanScope), gs, g, fake.Graph())
		}
		return train.Stepped{
			Metrics: []*graph.Node{lossD, lossG, dx, dgz1, dgz2},
			Gradients: append(nn.NameGradients(generatorScope+".", gParams, gGrads),
				nn.NameGradients(discriminatorScope+".", dParams, dGrads)...),
		}
	}
}

// round is what one step of the discriminator sees.
type round struct {
	real   *graph.Node // [batch/d_steps, size, size, nc] in [-1, 1]
	noise  *graph.Node // [batch/d_steps, nz]
	labels *graph.Node // integers [batch/d_steps]; nil without classes
	mix    *graph.Node // [batch/d_steps] in [0, 1); nil without a gradient penalty
}

// rounds cuts a step's batch, and draws what it lacks.
func (c TrainConfig) rounds(s *model.Scope, batch train.Batch) []round {
	pictures, labels, noise, mix := batch.At(0), batch.At(1), batch.At(2), batch.At(3)
	all := pictures.Shape().Dim(0)
	if all%c.DSteps != 0 {
		panic(fmt.Errorf("dcgan: batches of %d can't be cut into d_steps of %d", all, c.DSteps))
	}
	if c.Model.Classes > 0 && labels == nil {
		panic(fmt.Errorf("dcgan: a model of %d classes trains on labels beside the pictures, and the data set gives none", c.Model.Classes))
	}
	n := all / c.DSteps
	key := func() *graph.Node { return nn.NextKey(s, pictures.Graph()) }
	list := make([]round, c.DSteps)
	for i := range list {
		cut := func(x *graph.Node) *graph.Node { return graph.Slice(x, graph.AxisRange(i*n, (i+1)*n)) }
		r := round{real: graph.AddScalar(graph.MulScalar(cut(pictures), 2), -1)}
		if noise != nil {
			r.noise = cut(noise)
		} else {
			r.noise = nn.Normal(key(), n, c.Model.NZ)
		}
		if c.Model.Classes > 0 {
			r.labels = cut(labels)
		}
		switch {
		case c.Loss != nn.WGANGP:
		case mix != nil:
			r.mix = cut(mix)
		default:
			r.mix = nn.Uniform(key(), n)
		}
		list[i] = r
	}
	return list
}
