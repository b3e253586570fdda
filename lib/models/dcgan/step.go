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
	GeneratorScope     = "generator"
	DiscriminatorScope = "discriminator"
	meanScope          = "mean"
)

// metrics are the names of what an iteration measures, in the order of [Measured].
var metrics = []string{"loss_d", "loss_g", "d_x", "d_g_z1", "d_g_z2"}

// Measured is what an iteration measures, all scalars: D's and G's loss, and D's mean verdict on real pictures and on made ones before
// and after its own step.
type Measured struct {
	LossD, LossG, DX, DGZ1, DGZ2 *graph.Node
}

func (m Measured) list() []*graph.Node {
	return []*graph.Node{m.LossD, m.LossG, m.DX, m.DGZ1, m.DGZ2}
}

// Round is what one step of the discriminator sees.
type Round struct {
	Real   *graph.Node // [batch, size, size, nc] in [-1, 1]
	Noise  *graph.Node // [batch, nz]
	Labels *graph.Node // integers [batch]; nil without classes
	Mix    *graph.Node // [batch] in [0, 1), for the gradient penalty alone
}

// Iterate is the graph of one iteration of the article's loop: in each round D judges real pictures, then made ones, and its Adam moves
// it; then G's Adam moves G through the D of after that, by the pictures of the last round. G makes those once. Each of D's passes
// moves its running statistics, two a round and one for G, as PyTorch's calls do.
// s is the scope that holds those of both models.
func Iterate(s *model.Scope, g *Generator, d *Discriminator, c TrainConfig, rounds []Round) Measured {
	c = c.filled()
	adam := nn.NewAdam(c.Rate)
	adam.Beta1, adam.Beta2 = c.Betas[0], c.Betas[1]
	gs, ds := s.At(GeneratorScope), s.At(DiscriminatorScope)
	gParams, dParams := nn.Trained(g), nn.Trained(d)

	var m Measured
	var fake, labels *graph.Node
	for _, r := range rounds {
		labels = r.Labels
		fake = g.Forward(gs, r.Noise, labels)
		detached := graph.StopGradient(fake)
		onReal := d.Logits(ds, r.Real, labels)
		onFake := d.Logits(ds, detached, labels)
		m.LossD, m.DX, m.DGZ1 = c.Loss.Discriminator(onReal, onFake, c.Smooth), c.Loss.Score(onReal), c.Loss.Score(onFake)
		if c.Loss == nn.WGANGP {
			critic := func(x *graph.Node) *graph.Node { return d.Logits(ds, x, r.Labels) }
			m.LossD = graph.Add(m.LossD, graph.MulScalar(nn.GradientPenalty(critic, r.Real, detached, r.Mix), c.Penalty))
		}
		adam.Update(ds, dParams, nn.Gradients(ds, m.LossD, dParams))
	}
	for _, p := range dParams { // or G's gradient would be sought through D's Adam
		p.Set(ds, graph.StopGradient(p.Node(ds, fake.Graph())))
	}
	onFake := d.Logits(ds, fake, labels)
	m.LossG, m.DGZ2 = c.Loss.Generator(onFake), c.Loss.Score(onFake)
	adam.Update(gs, gParams, nn.Gradients(gs, m.LossG, gParams))
	if c.EMA > 0 {
		train.EMA{Decay: c.EMA}.Update(s.At(meanScope), gs, g, fake.Graph())
	}
	return m
}

// step is the graph of a training step: it cuts the batch into rounds and draws their noise.
// inputs: pictures [d_steps·batch, size, size, nc] in [0, 1] and, for a model with classes, labels.
func step(g *Generator, d *Discriminator, c TrainConfig) func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
	c = c.filled()
	return func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		all := inputs[0]
		n := all.Shape().Dim(0)
		if n%c.DSteps != 0 {
			panic(fmt.Errorf("dcgan: batches of %d can't be cut into d_steps of %d", n, c.DSteps))
		}
		batch := n / c.DSteps
		rounds := make([]Round, c.DSteps)
		for i := range rounds {
			cut := graph.AxisRange(i*batch, (i+1)*batch)
			r := Round{
				Real:  graph.AddScalar(graph.MulScalar(graph.Slice(all, cut), 2), -1),
				Noise: nn.Normal(nn.NextKey(s, all.Graph()), batch, c.Model.NZ),
			}
			if c.Model.Classes > 0 {
				if len(inputs) < 2 {
					panic(fmt.Errorf("dcgan: a model of %d classes trains on labels beside the pictures, and the data set gives none", c.Model.Classes))
				}
				r.Labels = graph.Slice(inputs[1], cut)
			}
			if c.Loss == nn.WGANGP {
				r.Mix = nn.Uniform(nn.NextKey(s, all.Graph()), batch)
			}
			rounds[i] = r
		}
		return Iterate(s, g, d, c, rounds).list()
	}
}
