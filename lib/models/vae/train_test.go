package vae

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// bars is made data: pictures of 8×8 with one bright column.
type bars struct{}

func (bars) Steps() int { return 20 }

func (bars) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	x := make([][]float32, 16)
	for i := range x {
		x[i] = make([]float32, 64)
		for row := range 8 {
			x[i][row*8+(i+step+epoch)%8] = 1
		}
	}
	return []*tensors.Tensor{tensors.FromValue(x)}, nil
}

// nothing is a data set without a batch.
type nothing struct{ bars }

func (nothing) Steps() int { return 0 }

func small() Config { return Config{InputDim: 64, HiddenDim: 32, LatentDim: 2} }

func trained(t *testing.T, run string) *Model {
	t.Helper()
	m, err := Train(context.Background(), TrainConfig{
		Model: small(), Rate: 5e-3, Seed: 1, Validation: bars{},
		Options: train.Options{Run: run, Epochs: 5, Watch: func(train.Progress) {}},
	}, bars{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainOpenSample(t *testing.T) {
	ctx, run := context.Background(), filepath.Join(t.TempDir(), "run")
	m := trained(t, run)
	loss, err := m.Loss(context.Background(), bars{})
	if err != nil {
		t.Fatal(err)
	}
	// A model that knows nothing pays 64 ln 2 = 44 nats; one that knows the eight columns needs ln 8 = 2 and what its guesses cost.
	if loss > 20 {
		t.Errorf("the loss is %.1f nats after 100 steps", loss)
	}
	records, err := train.ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	if _, test := train.Series(records, "validation_loss"); len(test) != 5 || math.Abs(test[4]-loss) > 1e-4 {
		t.Errorf("validation_loss was recorded as %v, the loss is %g", test, loss)
	}

	opened, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Sample(ctx, 3, 7)
	if err != nil {
		t.Fatal(err)
	}
	b, err := opened.Sample(ctx, 3, 7)
	if err != nil {
		t.Fatal(err)
	}
	c, err := opened.Sample(ctx, 3, 8)
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != 3 || len(a[0]) != 64 || a[1][5] != b[1][5] || a[1][5] == c[1][5] {
		t.Errorf("samples of one seed: %g and %g, of another: %g", a[1][5], b[1][5], c[1][5])
	}
	file := filepath.Join(t.TempDir(), "vae.safetensors")
	if err := m.Save(file); err != nil {
		t.Fatal(err)
	}
	other, err := New(small(), 9)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Load(file); err != nil {
		t.Fatal(err)
	}
	if d, err := other.Sample(ctx, 3, 7); err != nil || !near(a[1], d[1]) {
		t.Errorf("a model saved and loaded samples %v, not %v: %v", d, a[1], err)
	}
	images, xs, ys, err := opened.Manifold(ctx, 4)
	if err != nil || len(images) != 16 || xs[0] >= xs[3] || ys[0] <= ys[3] {
		t.Errorf("manifold of %d images over %v and %v: %v", len(images), xs, ys, err)
	}
	x, err := bars{}.Batch(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := x[0].Value().([][]float32)
	path, err := opened.Interpolate(ctx, rows[0], rows[3], 5, Linear)
	if err != nil {
		t.Fatal(err)
	}
	ends, err := opened.Reconstruct(ctx, [][]float32{rows[0], rows[3]})
	if err != nil {
		t.Fatal(err)
	}
	if len(path) != 5 || !near(path[0], ends[0]) || !near(path[4], ends[1]) {
		t.Error("an interpolation doesn't begin and end with the reconstructions")
	}
}

func near(a, b []float32) bool {
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-5 {
			return false
		}
	}
	return true
}

func TestSphericalKeepsTheLength(t *testing.T) {
	a, b := []float32{3, 0}, []float32{0, 3}
	for _, at := range []float64{0, 0.25, 0.5, 1} {
		z := Spherical(a, b, at)
		if r := math.Hypot(float64(z[0]), float64(z[1])); math.Abs(r-3) > 1e-6 {
			t.Errorf("at %g the length is %g, not 3", at, r)
		}
	}
	if z := Spherical(a, a, 0.5); !near(z, a) {
		t.Errorf("halfway from a point to itself lies %v", z)
	}
	if z := Spherical([]float32{0, 0}, b, 0.5); !near(z, []float32{0, 1.5}) {
		t.Errorf("from the origin, which has no direction, the way is straight: %v", z)
	}
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		do         func() error
	}{
		{"config", "latent_dim is 0", func() error { _, err := New(Config{InputDim: 1, HiddenDim: 1}, 1); return err }},
		{"rate", "rate is -1", func() error { _, err := Train(ctx, TrainConfig{Model: Tiny(), Rate: -1}, bars{}); return err }},
		{"no run", "no run in", func() error { _, err := Open(t.TempDir()); return err }},
		{"no batch", "nothing to measure", func() error { _, err := m.Loss(ctx, nothing{}); return err }},
		{"no samples", "0 samples", func() error { _, err := m.Sample(ctx, 0, 1); return err }},
		{"no examples", "no example", func() error { _, err := m.Reconstruct(ctx, nil); return err }},
		{"width", "example 1 has 3 values, the model takes 784", func() error {
			_, _, err := m.Encode(ctx, [][]float32{make([]float32, 784), make([]float32, 3)})
			return err
		}},
		{"manifold", "this model has 4", func() error { _, _, _, err := m.Manifold(ctx, 3); return err }},
		{"one step", "at least 2", func() error { _, err := m.Interpolate(ctx, nil, nil, 1, Linear); return err }},
	} {
		if err := c.do(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := m.Sample(cancelled, 1, 1); err == nil {
		t.Error("a cancelled context samples")
	}
}

func TestCount(t *testing.T) {
	net, err := NewNet(Default())
	if err != nil {
		t.Fatal(err)
	}
	if n := nn.Count(net); n != 652824 { // PyTorch's count of the article's class
		t.Errorf("%d parameters", n)
	}
}
