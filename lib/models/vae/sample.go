package vae

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/stat/distuv"

	"genlab/lib/nn"
)

// Encode gives the mean and the logarithm of the variance of q(z|x) for each example.
// x: n examples of input_dim values in [0, 1]; mu, logvar: n of latent_dim.
func (m *Model) Encode(ctx context.Context, x [][]float32) (mu, logvar [][]float32, err error) {
	if err := checkRows("example", x, m.Config.InputDim); err != nil {
		return nil, nil, err
	}
	out, err := m.call(ctx, "encode", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		mu, logvar := m.net.Encode(s, inputs[0])
		return []*graph.Node{mu, logvar}
	}, x)
	if err != nil {
		return nil, nil, err
	}
	return out[0], out[1], nil
}

// Decode gives the probability of each pixel for latent points z: n points of latent_dim values.
func (m *Model) Decode(ctx context.Context, z [][]float32) ([][]float32, error) {
	if err := checkRows("latent point", z, m.Config.LatentDim); err != nil {
		return nil, err
	}
	out, err := m.call(ctx, "decode", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.Sigmoid(m.net.Decode(s, inputs[0]))}
	}, z)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Reconstruct encodes examples and decodes the means of their latent distributions.
func (m *Model) Reconstruct(ctx context.Context, x [][]float32) ([][]float32, error) {
	mu, _, err := m.Encode(ctx, x)
	if err != nil {
		return nil, err
	}
	return m.Decode(ctx, mu)
}

// Sample decodes n points drawn from the prior N(0, 1). The same seed gives the same samples.
func (m *Model) Sample(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	if n < 1 {
		return nil, fmt.Errorf("vae: asked for %d samples: ask for at least 1", n)
	}
	out, err := m.call(ctx, fmt.Sprintf("sample %d", n), func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{nn.Normal(inputs[0], n, m.Config.LatentDim)}
	}, []uint32{uint32(seed >> 32), uint32(seed)})
	if err != nil {
		return nil, err
	}
	return m.Decode(ctx, out[0])
}

// Path is a way from one latent point to another.
type Path func(a, b []float32, t float64) []float32

// Linear goes straight from a to b as t goes from 0 to 1.
func Linear(a, b []float32, t float64) []float32 {
	return blend(a, b, 1-t, t)
}

// Spherical keeps to the arc between a and b, along which the density of the prior changes little (White, "Sampling generative
// networks", 2016, section 2.1).
func Spherical(a, b []float32, t float64) []float32 {
	var dot, na, nb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		na += float64(a[i]) * float64(a[i])
		nb += float64(b[i]) * float64(b[i])
	}
	omega := math.Acos(max(-1, min(1, dot/math.Sqrt(na*nb))))
	if math.IsNaN(omega) || math.Sin(omega) < 1e-6 {
		return Linear(a, b, t) // no arc, or no single one
	}
	return blend(a, b, math.Sin((1-t)*omega)/math.Sin(omega), math.Sin(t*omega)/math.Sin(omega))
}

func blend(a, b []float32, wa, wb float64) []float32 {
	z := make([]float32, len(a))
	for i := range z {
		z[i] = float32(wa*float64(a[i]) + wb*float64(b[i]))
	}
	return z
}

// Interpolate encodes two examples and decodes steps points on the path between them, both ends included.
func (m *Model) Interpolate(ctx context.Context, from, to []float32, steps int, path Path) ([][]float32, error) {
	if steps < 2 {
		return nil, fmt.Errorf("vae: asked for %d steps of interpolation: ask for at least 2", steps)
	}
	mu, _, err := m.Encode(ctx, [][]float32{from, to})
	if err != nil {
		return nil, err
	}
	z := make([][]float32, steps)
	for i := range z {
		z[i] = path(mu[0], mu[1], float64(i)/float64(steps-1))
	}
	return m.Decode(ctx, z)
}

// Manifold decodes a side×side grid of latent points for a model with a latent space of two dimensions, row by row from the top:
// image i·side+j lies at (xs[j], ys[i]). The grid is even in probability: its coordinates are quantiles of N(0, 1) (Kingma &
// Welling, figure 4).
func (m *Model) Manifold(ctx context.Context, side int) (images [][]float32, xs, ys []float64, err error) {
	if m.Config.LatentDim != 2 {
		return nil, nil, nil, fmt.Errorf("vae: the manifold is drawn for latent_dim 2, this model has %d: train one with vae.Plane()", m.Config.LatentDim)
	}
	if side < 1 {
		return nil, nil, nil, fmt.Errorf("vae: asked for a manifold of %d a side: ask for at least 1", side)
	}
	for i := range side {
		q := distuv.UnitNormal.Quantile((float64(i) + 0.5) / float64(side))
		xs, ys = append(xs, q), append(ys, -q)
	}
	z := make([][]float32, 0, side*side)
	for _, y := range ys {
		for _, x := range xs {
			z = append(z, []float32{float32(x), float32(y)})
		}
	}
	images, err = m.Decode(ctx, z)
	return images, xs, ys, err
}

// call runs a graph on one input and returns its outputs, all [rows, columns].
func (m *Model) call(ctx context.Context, name string, fn func(*model.Scope, []*graph.Node) []*graph.Node, input any) ([][][]float32, error) {
	out, err := m.run.Call(ctx, name, fn, input)
	if err != nil {
		return nil, err
	}
	values := make([][][]float32, len(out))
	for i, t := range out {
		values[i] = t.Value().([][]float32)
	}
	return values, nil
}

func checkRows(what string, rows [][]float32, dim int) error {
	if len(rows) == 0 {
		return fmt.Errorf("vae: no %s was given", what)
	}
	for i, r := range rows {
		if len(r) != dim {
			return fmt.Errorf("vae: %s %d has %d values, the model takes %d", what, i, len(r), dim)
		}
	}
	return nil
}
