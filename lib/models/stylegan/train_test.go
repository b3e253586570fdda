package stylegan

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/train"
)

// squares is made data: pictures of 16×16 with a bright square, by class to the left or to the right.
type squares struct{ labels bool }

func (squares) Steps() int { return 3 }

func (d squares) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	const n = 4
	labels := make([]int32, n)
	x := tensors.FromShape(shapes.Make(dtypes.Float32, n, 16, 16, 1))
	err := tensors.MutableFlatData(x, func(flat []float32) {
		for i := range n {
			labels[i] = int32((i + step) % 2)
			for p := range 5 * 5 {
				flat[i*256+(4+p/5)*16+1+(epoch+i)%3+p%5+7*int(labels[i])] = 1
			}
		}
	})
	if !d.labels {
		return []*tensors.Tensor{x}, err
	}
	return []*tensors.Tensor{x, tensors.FromValue(labels)}, err
}

func quiet(run string, epochs int) train.Options {
	return train.Options{Run: run, Epochs: epochs, Watch: func(train.Progress) {}}
}

// Every option at once, trained, interrupted, resumed and opened: what comes out is what an uninterrupted training gives.
func TestTrainResumeOpenSample(t *testing.T) {
	ctx := context.Background()
	cfg := TrainConfig{Model: Tiny(), Seed: 3, R1Part: 1, Mixing: 0.9, Augment: Whole, Target: 0.6, Speed: 100, Blur: 0.7, Fade: 12, Gamma: 1, EMA: 0.9}
	cfg.Model.Classes = 2
	cfg.Options = quiet(filepath.Join(t.TempDir(), "whole"), 2)
	whole, err := Train(ctx, cfg, squares{labels: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Options = quiet(filepath.Join(t.TempDir(), "parts"), 2)
	stopped, stop := context.WithCancel(ctx)
	cfg.Watch = func(train.Progress) { stop() }
	if _, err := Train(stopped, cfg, squares{labels: true}); !errors.Is(err, train.ErrInterrupted) {
		t.Fatalf("error %v", err)
	}
	cfg.Watch = func(train.Progress) {}
	if _, err := Train(ctx, cfg, squares{labels: true}); err != nil {
		t.Fatal(err)
	}
	parts, err := Open(cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	a, err := whole.Sample(ctx, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	b, err := parts.Sample(ctx, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if len(a[i]) != 16*16 || !slices.Equal(a[i], b[i]) {
			t.Fatalf("sample %d differs between a whole training and one in parts", i)
		}
	}
	file := filepath.Join(t.TempDir(), "g.safetensors")
	if err := parts.Generator().Save(file); err != nil {
		t.Fatal(err)
	}
	fresh, err := New(cfg.Model, 99)
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Generator().Load(file); err != nil {
		t.Fatal(err)
	}
	if b, err = fresh.Sample(ctx, 3, 5); err != nil || !slices.Equal(a[2], b[2]) {
		t.Errorf("saved and loaded weights give another sample; error %v", err)
	}
}

func TestTrainRefuses(t *testing.T) {
	for want, change := range map[string]func(*TrainConfig){
		`kind is "4"`:              func(c *TrainConfig) { c.Model.Kind = "4" },
		"img_resolution is 24":     func(c *TrainConfig) { c.Model.Size = 24 },
		"classes is 1":             func(c *TrainConfig) { c.Model.Classes = 1 },
		"z_dim is 0":               func(c *TrainConfig) { c.Model.Z = 0 },
		"num_layers is 1":          func(c *TrainConfig) { c.Model.Layers = 1 },
		"margin_size is -1":        func(c *TrainConfig) { c.Model.Margin = -1 },
		"rate_g is -1":             func(c *TrainConfig) { c.RateG = -1 },
		"betas is [0.5 1]":         func(c *TrainConfig) { c.Betas = [2]float64{0.5, 1} },
		"mixing is 2":              func(c *TrainConfig) { c.Mixing = 2 },
		`augment is "all"`:         func(c *TrainConfig) { c.Augment = "all" },
		"blur, fade are 1, 0":      func(c *TrainConfig) { c.Blur = 1 },
		"r1_part is -1":            func(c *TrainConfig) { c.R1Part = -1 },
		"EMA decay is 1":           func(c *TrainConfig) { c.EMA = 1 },
		"a model of 2 classes was": func(c *TrainConfig) { c.Model.Classes = 2 },
		"the discriminator takes":  func(c *TrainConfig) { c.Model.Size = 32 },
	} {
		cfg := TrainConfig{Model: Tiny(), Options: quiet(t.TempDir(), 1)}
		change(&cfg)
		if _, err := Train(context.Background(), cfg, squares{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
