package pixelrnn

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn/pixels"
	"genlab/lib/train"
)

// bars is made data: pictures of 6×6 with one white column, their class.
type bars struct{}

func (bars) Steps() int { return 30 }

func (bars) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	x, y := make([][]float32, 12), make([]int32, 12)
	for i := range x {
		x[i], y[i] = make([]float32, 36), int32((i+step+epoch)%6)
		for row := range 6 {
			x[i][row*6+int(y[i])] = 1
		}
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y)}, nil
}

func barsConfig() TrainConfig {
	c := Tiny()
	c.Kernel, c.Height, c.Width = 5, 6, 6
	return TrainConfig{Model: c, Rate: 1e-2, WarmUp: 10, Seed: 1, Validation: bars{}, Options: train.Options{Epochs: 5, Watch: func(train.Progress) {}}}
}

// TestTrainOpenSample wants a model to learn which columns there are, to draw such pictures and to complete one.
func TestTrainOpenSample(t *testing.T) {
	ctx, cfg := context.Background(), barsConfig()
	cfg.Run = filepath.Join(t.TempDir(), "run")
	m, err := Train(ctx, cfg, bars{})
	if err != nil {
		t.Fatal(err)
	}
	loss, err := m.Loss(ctx, bars{})
	if err != nil {
		t.Fatal(err)
	}
	if loss > 2.5 || loss < math.Log(6)-1e-3 { // which of six is all that there is to know: 1.79
		t.Errorf("the loss is %.2f nats", loss)
	}
	opened, err := Open(cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := opened.Sample(ctx, pixels.SampleConfig{Number: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Sample(ctx, pixels.SampleConfig{Number: 40, Seed: 1})
	if err != nil || !slices.Equal(drawn[39], again[39]) {
		t.Errorf("the model of the run draws other pictures: %v", err)
	}
	good := 0
	for _, p := range drawn {
		if column := slices.Index(p, 1); column >= 0 && column < 6 && isBar(p, column) {
			good++
		}
	}
	if good < 30 {
		t.Errorf("%d of 40 samples are bars", good)
	}
	batch, err := bars{}.Batch(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	given := batch[0].Value().([][]float32)[0]
	completed, err := opened.Complete(ctx, given, 18, pixels.SampleConfig{Number: 10, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	good = 0
	for _, p := range completed {
		if isBar(p, 2) {
			good++
		}
	}
	if good < 7 {
		t.Errorf("%d of 10 completions go on with the column", good)
	}
	nats, err := opened.NLL(ctx, [][]float32{given}, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, rest := 0.0, 0.0
	for i, v := range nats[0] {
		if i < 6 {
			first += float64(v)
		} else {
			rest += float64(v)
		}
	}
	if first < rest {
		t.Errorf("the first row, which tells all, costs %.2f nats, the rest %.2f", first, rest)
	}
	shares, err := opened.Distribution(ctx, given, 1, 2, 0)
	if err != nil || len(shares) != 2 || math.Abs(float64(shares[0]+shares[1])-1) > 1e-4 || shares[1] < 0.9 {
		t.Errorf("below a white pixel the shares of black and white are %v: %v", shares, err)
	}
}

func isBar(p []float32, column int) bool {
	for i, v := range p {
		if (v == 1) != (i%6 == column) {
			return false
		}
	}
	return true
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	m, err := New(barsConfig().Model, 1)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Config)) error {
		c := Default()
		change(&c)
		_, err := New(c, 1)
		return err
	}
	picture := make([]float32, 36)
	one := pixels.SampleConfig{Number: 1}
	for want, do := range map[string]func() error{
		"kernel is 6":             func() error { return with(func(c *Config) { c.Kernel = 6 }) },
		"kernel is 1":             func() error { return with(func(c *Config) { c.Kernel = 1 }) },
		`variant is "spiral"`:     func() error { return with(func(c *Config) { c.Variant = "spiral" }) },
		"layers is 0":             func() error { return with(func(c *Config) { c.Layers = 0 }) },
		"levels is 300":           func() error { return with(func(c *Config) { c.Levels = 300 }) },
		"number of pictures is 0": func() error { _, err := m.Sample(ctx, pixels.SampleConfig{}); return err },
		"temperature is -1": func() error {
			_, err := m.Sample(ctx, pixels.SampleConfig{Number: 1, Temperature: -1})
			return err
		},
		"picture 0 has 5 values: it must have 36": func() error { _, err := m.Complete(ctx, picture[:5], 0, one); return err },
		"known pixels are 37":                     func() error { _, err := m.Complete(ctx, picture, 37, one); return err },
		"picture 0 has 0.4 at place 0":            func() error { _, err := m.Complete(ctx, []float32{0.4, 35: 0}, 6, one); return err },
		"row 6, column 0":                         func() error { _, err := m.Distribution(ctx, picture, 6, 0, 0); return err },
		"rate is -1": func() error {
			cfg := barsConfig()
			cfg.Rate = -1
			_, err := Train(ctx, cfg, bars{})
			return err
		},
		"warm_up is 500": func() error {
			cfg := barsConfig()
			cfg.WarmUp, cfg.Run = 500, t.TempDir()
			_, err := Train(ctx, cfg, bars{})
			return err
		},
		"no run in": func() error { _, err := Open(t.TempDir()); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
