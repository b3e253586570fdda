package vae

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// scored are the nodes of what [Score] says of a batch.
type scored struct {
	mu, logvar    *graph.Node // [batch, latent]
	logLikelihood *graph.Node // [samples, batch]
	// [batch] each.
	kl, elbo, iwae, logProbability, meanError *graph.Node
}

// score is the graph that scores x [batch, input] by as many samples of the latent as eps [samples, batch, latent] has.
func score(s *model.Scope, net Coder, x, eps *graph.Node) scored {
	if eps.Rank() != 3 || x.Rank() != 2 || eps.Shape().Dim(1) != x.Shape().Dim(0) {
		panic(fmt.Errorf("vae: scores take x [batch, input] and eps [samples, batch, latent], were given %s and %s", x.Shape(), eps.Shape()))
	}
	samples, batch := eps.Shape().Dim(0), x.Shape().Dim(0)
	var o scored
	o.mu, o.logvar = net.Encode(s, x)
	z := Reparameterize(graph.InsertAxes(o.mu, 0), graph.InsertAxes(o.logvar, 0), eps)
	logits := graph.Reshape(net.Decode(s, graph.Reshape(z, samples*batch, -1)), samples, batch, -1)
	each := nn.BCEWithLogits(logits, graph.BroadcastToDims(graph.InsertAxes(x, 0), logits.Shape().Dimensions...))
	o.logLikelihood = graph.Neg(graph.ReduceSum(each, -1))
	o.logProbability = graph.ReduceMean(o.logLikelihood, 0)
	o.elbo, o.kl = nn.ELBO(o.logLikelihood, o.mu, o.logvar)
	o.iwae = nn.ImportanceWeighted(o.logLikelihood, z, eps, o.logvar)
	o.meanError = graph.ReduceMean(graph.Square(graph.Sub(x, graph.ReduceMean(graph.Sigmoid(logits), 0))), -1)
	return o
}

// Scores say how usual an example is to the model.
type Scores struct {
	ELBO []float64 // the evidence lower bound, in nats
	IWAE []float64 // the importance weighted bound, in nats: nearer to the evidence the more samples there are
	// LogProbability is the mean of log p(x|z) over the samples, in nats, the reconstruction probability of An & Cho, "Variational autoencoder
	// based anomaly detection using reconstruction probability", 2015, algorithm 4.
	LogProbability []float64
	MeanError      []float64 // the mean square of x less its mean reconstruction
}

// Score scores examples by samples draws of the latent for each. The same seed gives the same scores.
// x: n examples of input_dim values in [0, 1].
func (m *Model) Score(ctx context.Context, x [][]float32, samples int, seed uint64) (Scores, error) {
	if err := checkRows("example", x, m.Config.InputDim); err != nil {
		return Scores{}, err
	}
	if samples < 1 {
		return Scores{}, fmt.Errorf("vae: samples is %d: it must be at least 1", samples)
	}
	const piece = 256
	var all Scores
	place := uint32(0)
	for batch, n := range nn.Pieces(x, piece, m.Config.InputDim) {
		out, err := m.run.Call(ctx, fmt.Sprintf("score by %d samples", samples), func(s *model.Scope, in []*graph.Node) []*graph.Node {
			o := score(s, m.net, in[0], nn.Normal(nn.Fold(in[1], in[2]), samples, piece, m.Config.LatentDim))
			return []*graph.Node{o.elbo, o.iwae, o.logProbability, o.meanError}
		}, batch, []uint32{uint32(seed >> 32), uint32(seed)}, place)
		if err != nil {
			return Scores{}, err
		}
		for i, into := range []*[]float64{&all.ELBO, &all.IWAE, &all.LogProbability, &all.MeanError} {
			for _, v := range out[i].Value().([]float32)[:n] {
				*into = append(*into, float64(v))
			}
		}
		place++
	}
	return all, nil
}
