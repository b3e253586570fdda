package cyclegan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// The four networks lie in one store, under the authors' names: G_A makes pictures of kind B of those of kind A, and D_A judges what it makes;
// G_B and D_B go the other way. The pools lie beside them.
const (
	genA, genB   = "G_A", "G_B"
	discA, discB = "D_A", "D_B"
	poolA, poolB = "pool_A", "pool_B"
)

// metrics are the names of what a step measures: as the authors' program prints them.
var metrics = []string{"loss_d_a", "loss_g_a", "loss_cycle_a", "loss_idt_a", "loss_d_b", "loss_g_b", "loss_cycle_b", "loss_idt_b"}

// Nets are the four networks; both generators are alike, and both discriminators.
type Nets struct {
	G *Generator
	D *Discriminator
}

// NewNets declares the layers.
func NewNets(c Config) (Nets, error) {
	g, err := NewGenerator(c)
	if err != nil {
		return Nets{}, err
	}
	d, err := NewDiscriminator(c)
	return Nets{g, d}, err
}

// rate is c.Rate for half of c.Steps, and falls to 0 in a straight line over the others; where c.Steps is 0 it stays.
func (c TrainConfig) rate() nn.Schedule {
	if c.Steps < 2 {
		return nn.Constant(c.Rate)
	}
	half := float64(c.Steps / 2)
	return func(step *graph.Node) *graph.Node {
		left := graph.DivScalar(graph.AddScalar(graph.Neg(step), float64(c.Steps)+1), float64(c.Steps)-half)
		return graph.MulScalar(graph.MaxScalar(graph.MinScalar(left, 1), 0), c.Rate)
	}
}

// Step makes the graph of one iteration: a step of both generators' Adam, then one of both discriminators', which judge what the generators
// made before theirs. The batch is pictures of kind A and of kind B, [batch, size, size, channels] in [0, 1], and draws [4, batch] in [0, 1)
// for the pools, which are drawn where they aren't given: whether to swap and which, for the pictures of kind B, then of A.
func Step(n Nets, c TrainConfig) train.Step {
	adam := nn.NewAdam(c.Rate)
	adam.Rate, adam.Beta1, adam.Beta2, adam.Eps = c.rate(), c.Betas[0], c.Betas[1], c.Eps
	gParams, dParams := nn.Trained(n.G), nn.Trained(n.D)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		if len(batch) < 2 {
			panic(fmt.Errorf("cyclegan: trains on pictures of two kinds, the data set gives %d tensors a batch", len(batch)))
		}
		signed := func(x *graph.Node) *graph.Node { return graph.AddScalar(graph.MulScalar(x, 2), -1) }
		realA, realB := signed(batch[0]), signed(batch[1])
		toB := func(x *graph.Node) *graph.Node { return n.G.Forward(s.At(genA), x) }
		toA := func(x *graph.Node) *graph.Node { return n.G.Forward(s.At(genB), x) }
		judgeB := func(x *graph.Node) *graph.Node { return n.D.Forward(s.At(discA), x) }
		judgeA := func(x *graph.Node) *graph.Node { return n.D.Forward(s.At(discB), x) }

		fakeB, fakeA := toB(realA), toA(realB)
		gA, gB := near(judgeB(fakeB), 1), near(judgeA(fakeA), 1)
		weighed := func(x, of *graph.Node, weight float64) *graph.Node {
			return graph.MulScalar(nn.L1Loss{}.Of(x, of), weight)
		}
		cycleA, cycleB := weighed(toA(fakeB), realA, c.Cycle), weighed(toB(fakeA), realB, c.Cycle)
		idtA, idtB := graph.ZerosLike(gA), graph.ZerosLike(gB)
		if c.Identity > 0 {
			idtA, idtB = weighed(toB(realB), realB, c.Cycle*c.Identity), weighed(toA(realA), realA, c.Cycle*c.Identity)
		}
		loss := gA
		for _, l := range []*graph.Node{gB, cycleA, cycleB, idtA, idtB} {
			loss = graph.Add(loss, l)
		}

		swapB, placeB, swapA, placeA := c.draws(s, batch)
		shownB := recalled(s.At(poolA), graph.StopGradient(fakeB), c.Pool, swapB, placeB)
		shownA := recalled(s.At(poolB), graph.StopGradient(fakeA), c.Pool, swapA, placeA)
		half := func(real, made *graph.Node) *graph.Node {
			return graph.MulScalar(graph.Add(near(real, 1), near(made, 0)), 0.5)
		}
		dA, dB := half(judgeB(realB), judgeB(shownB)), half(judgeA(realA), judgeA(shownA))

		// All gradients are sought before any weight is moved.
		stepped := train.Stepped{Metrics: []*graph.Node{dA, gA, cycleA, idtA, dB, gB, cycleB, idtB}}
		type move struct {
			scope  *model.Scope
			params []*nn.Param
			grads  []*graph.Node
		}
		var moves []move
		for _, m := range []struct {
			loss   *graph.Node
			scopes []string
			params []*nn.Param
		}{{loss, []string{genA, genB}, gParams}, {dA, []string{discA}, dParams}, {dB, []string{discB}, dParams}} {
			var nodes []*graph.Node
			for _, scope := range m.scopes {
				for _, p := range m.params {
					nodes = append(nodes, p.Node(s.At("%s", scope), realA.Graph()))
				}
			}
			grads := graph.Gradient(m.loss, nodes...)
			for i, scope := range m.scopes {
				of := grads[i*len(m.params) : (i+1)*len(m.params)]
				moves = append(moves, move{s.At("%s", scope), m.params, of})
				stepped.Gradients = append(stepped.Gradients, nn.NameGradients(scope+".", m.params, of)...)
			}
		}
		for _, m := range moves {
			adam.Update(m.scope, m.params, m.grads)
		}
		return stepped
	}
}

// draws are the batch's for the pools, or fresh ones.
func (c TrainConfig) draws(s *model.Scope, batch train.Batch) (swapB, placeB, swapA, placeA *graph.Node) {
	if c.Pool == 0 {
		return nil, nil, nil, nil
	}
	draws := batch.At(2)
	if draws == nil {
		draws = nn.Uniform(nn.NextKey(s, batch[0].Graph()), 4, batch[0].Shape().Dim(0))
	}
	row := func(i int) *graph.Node { return graph.Squeeze(graph.SliceAxis(draws, 0, graph.AxisElem(i)), 0) }
	return row(0), row(1), row(2), row(3)
}

// near is the mean square of verdicts' distance to what they should be: the least-squares GAN's loss (Mao et al., "Least squares generative
// adversarial networks", 2017).
func near(verdicts *graph.Node, to float64) *graph.Node {
	return graph.ReduceAllMean(graph.Square(graph.AddScalar(verdicts, -to)))
}
