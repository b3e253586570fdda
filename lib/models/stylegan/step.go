package stylegan

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// The two models lie in one store, under these scopes; the generator's running mean, and what else changes, under others.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	meanScope          = "mean"
	augmentScope       = "augment" // what of augmentation and blur changes
)

// metrics are the names of what a step measures: G's and D's loss, and D's mean squared gradient on real pictures.
var metrics = []string{"loss_g", "loss_d", "r1_penalty"}

// Step makes the graph of one iteration: G's step through D as it stands, then D's on real pictures and on made ones of the new G, whose
// running means that moves (Karras et al. 2020 and 2021, appendices; both losses are those of [nn.GANBCE]).
//
// The batch is pictures [batch, size, size, channels] in [0, 1]; classes of the real pictures [batch, classes]; then what is else drawn: z of
// G's step and of D's, [batch, z], and their classes.
func Step(g Net, d *Discriminator, c TrainConfig) train.Step {
	adam := func(rate float64) nn.Adam {
		a := nn.NewAdam(rate)
		a.Beta1, a.Beta2, a.Eps = c.Betas[0], c.Betas[1], c.Eps
		return a
	}
	gParams, dParams := nn.Trained(g), nn.Trained(d)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		gs, ds := s.At(generatorScope), s.At(discriminatorScope)
		b := c.drawn(s, batch)
		pipe := c.Augment.in(s.At(augmentScope))
		see := func(x *graph.Node) *graph.Node { return pipe.Apply(s, c.blurred(s, x)) } // what D is shown
		make := func(z, class *graph.Node, renew bool) *graph.Node {
			ws := g.Styles(gs, g.Map(gs, z, class, renew), Truncation{})
			if c.Mixing > 0 {
				other := g.Styles(gs, g.Map(gs, nn.Normal(nn.NextKey(s, z.Graph()), z.Shape().Dimensions...), class, false), Truncation{})
				ws = c.mixed(nn.NextKey(s, z.Graph()), ws, other)
			}
			return g.Synthesize(gs, ws, Synthesis{Renew: renew, Noise: true})
		}

		lossG := nn.GANBCE.Generator(d.Logits(ds, see(make(b.zG, b.classG, false)), b.classG))
		gGrads := nn.Gradients(gs, lossG, gParams)
		adam(c.RateG).Update(gs, gParams, gGrads)

		fake, real := graph.StopGradient(see(make(b.zD, b.classD, true))), see(b.real)
		onFake, onReal := d.Logits(ds, fake, b.classD), d.Logits(ds, real, b.class)
		judged, verdict := real, onReal
		if c.R1Part > 1 {
			n := real.Shape().Dim(0) / c.R1Part
			judged = graph.Slice(real, graph.AxisRange(0, n))
			verdict = d.Logits(ds, judged, first(b.class, n))
		}
		penalty := graph.ReduceAllMean(squaredGradient(judged, verdict))
		lossD := graph.Add(nn.GANBCE.Discriminator(onReal, onFake, 0), graph.MulScalar(penalty, c.Gamma/2))
		dGrads := nn.Gradients(ds, lossD, dParams)
		adam(c.RateD).Update(ds, dParams, dGrads)
		if c.Augment != NoAugment {
			pipe.steer(onReal, c.Target, c.Speed)
		}
		if c.EMA > 0 {
			train.EMA{Decay: c.EMA}.Update(s.At(meanScope), gs, g, fake.Graph())
		}
		if c.Blur > 0 {
			seen := s.At(augmentScope).VariableWithValue("pictures", float32(0)).SetTrainable(false)
			seen.SetNodeValue(graph.AddScalar(seen.NodeValue(fake.Graph()), float64(fake.Shape().Dim(0))))
		}
		return train.Stepped{
			Metrics: []*graph.Node{lossG, lossD, penalty},
			Gradients: append(nn.NameGradients(generatorScope+".", gParams, gGrads),
				nn.NameGradients(discriminatorScope+".", dParams, dGrads)...),
		}
	}
}

// first is the first n of x; nil of nil.
func first(x *graph.Node, n int) *graph.Node {
	if x == nil {
		return nil
	}
	return graph.Slice(x, graph.AxisRange(0, n))
}

// mixed has, with the probability c.Mixing, the later layers of ws from other; all pictures from the same layer on. ws, other: [batch, layers, w].
func (c TrainConfig) mixed(key, ws, other *graph.Node) *graph.Node {
	u := nn.Uniform(key, 2)
	layers := ws.Shape().Dim(1)
	from := graph.Floor(graph.OnePlus(graph.MulScalar(graph.Slice(u, graph.AxisElem(0)), float64(layers-1)))) // 1 to layers-1
	mix := graph.LessThan(graph.Slice(u, graph.AxisElem(1)), graph.Const(u.Graph(), []float32{float32(c.Mixing)}))
	later := graph.And(mix, graph.GreaterOrEqual(graph.Iota(u.Graph(), shapes.Make(u.DType(), layers), 0), from)) // [layers]
	return graph.Where(graph.BroadcastToDims(graph.InsertAxes(later, 0, -1), ws.Shape().Dimensions...), other, ws)
}

// squaredGradient is that of the logits with respect to their pictures, for each, which R1 holds small (Mescheder, Geiger & Nowozin, "Which
// training methods for GANs do actually converge?", 2018, equation 9): [batch].
func squaredGradient(pictures, logits *graph.Node) *graph.Node {
	slope := graph.Gradient(graph.ReduceAllSum(logits), pictures)[0]
	return graph.ReduceSum(graph.Square(slope), 1, 2, 3)
}

// blurred fades the blur out that R's training begins with, so that D looks at the whole before the details (Karras et al. 2021, section F.2).
func (c TrainConfig) blurred(s *model.Scope, x *graph.Node) *graph.Node {
	if c.Blur == 0 {
		return x
	}
	seen := s.At(augmentScope).VariableWithValue("pictures", float32(0)).SetTrainable(false)
	sigma := graph.MulScalar(graph.OneMinus(graph.MulScalar(seen.NodeValue(x.Graph()), 1/c.Fade)), c.Blur)
	return Blur(x, graph.MaxScalar(sigma, 1e-3), int(3*c.Blur))
}

// Blur softens pictures by a filter 2^-(k/sigma)² of up to reach values to either side. x: [batch, height, width, channels], sigma: a scalar.
func Blur(x, sigma *graph.Node, reach int) *graph.Node {
	if reach == 0 {
		return x
	}
	places := make([]float32, 2*reach+1)
	for i := range places {
		places[i] = float32(i - reach)
	}
	taps := exp2(graph.Neg(graph.Square(graph.Div(graph.Const(x.Graph(), places), sigma))))
	side := [2]int{reach, reach}
	return nn.UpFirDn2d(x, graph.Div(taps, graph.ReduceAllSum(taps)), nn.UpFirDn{Padding: [2][2]int{side, side}})
}

// drawing is a step's batch with what it lacked.
type drawing struct {
	real, class *graph.Node // [batch, size, size, channels] in [-1, 1]; [batch, classes], nil without
	zG, classG  *graph.Node // [batch, z]
	zD, classD  *graph.Node
}

// drawn draws what a step isn't given: z, and for made pictures the classes of the real ones.
func (c TrainConfig) drawn(s *model.Scope, batch train.Batch) drawing {
	pictures := batch.At(0)
	d := drawing{
		real: graph.AddScalar(graph.MulScalar(pictures, 2), -1), class: batch.At(1),
		zG: batch.At(2), zD: batch.At(3), classG: batch.At(4), classD: batch.At(5),
	}
	if (c.Model.Classes > 0) != (d.class != nil) {
		panic(fmt.Errorf("stylegan: a model of %d classes was given the classes %v", c.Model.Classes, d.class))
	}
	if d.class != nil && d.class.Rank() == 1 {
		d.class = graph.OneHot(d.class, c.Model.Classes, pictures.DType())
	}
	for _, part := range []struct{ z, class **graph.Node }{{&d.zG, &d.classG}, {&d.zD, &d.classD}} {
		if *part.z == nil {
			*part.z = nn.Normal(nn.NextKey(s, pictures.Graph()), pictures.Shape().Dim(0), c.Model.Z)
		}
		if *part.class == nil {
			*part.class = d.class
		}
	}
	return d
}
