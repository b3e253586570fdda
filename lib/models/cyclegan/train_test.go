package cyclegan

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// noises gives random pictures of both kinds.
type noises struct{}

func (noises) Steps() int { return 3 }

func (noises) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	rng := rand.New(rand.NewPCG(uint64(epoch), uint64(step)))
	kinds := make([]*tensors.Tensor, 2)
	for i := range kinds {
		flat := make([]float32, 2*16*16)
		for k := range flat {
			flat[k] = rng.Float32()
		}
		kinds[i] = tensors.FromFlatDataAndDimensions(flat, 2, 16, 16, 1)
	}
	return kinds, nil
}

// TestTrain holds that a training in parts, pools included, is that in a piece, and that its run opens.
func TestTrain(t *testing.T) {
	cfg, ctx := Recipe(), t.Context()
	cfg.Model, cfg.Pool = Tiny(), 3
	measured := 0
	cfg.Evaluate = func(context.Context, *Model) ([]train.Metric, error) {
		measured++
		return []train.Metric{{Name: "asked", Value: 1}}, nil
	}
	quiet := func(name string, epochs int) train.Options {
		return train.Options{Run: filepath.Join(t.TempDir(), name), Epochs: epochs, Watch: func(train.Progress) {}}
	}
	cfg.Options = quiet("whole", 3)
	whole, err := Train(ctx, cfg, noises{})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Options, cfg.Steps = quiet("parts", 1), 9
	for _, n := range []int{1, 3} {
		cfg.Epochs = n
		if _, err := Train(ctx, cfg, noises{}); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := Open(cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	if measured != 6 {
		t.Errorf("measured %d times, not 6", measured)
	}
	batch, err := noises{}.Batch(9, 9)
	if err != nil {
		t.Fatal(err)
	}
	picture := tensors.MustCopyFlatData[float32](batch[0])[:256]
	for _, there := range []bool{true, false} {
		a, err := whole.Translate(ctx, [][]float32{picture}, there)
		if err != nil {
			t.Fatal(err)
		}
		b, err := opened.Translate(ctx, [][]float32{picture, picture}, there)
		if err != nil || !slices.Equal(a[0], b[0]) || !slices.Equal(b[0], b[1]) {
			t.Errorf("there %v: a training in parts translates otherwise: %v", there, err)
		}
		if there {
			back, err := whole.Translate(ctx, [][]float32{picture}, false)
			if err != nil || slices.Equal(a[0], back[0]) {
				t.Errorf("both generators are one: %v", err)
			}
		}
	}
	if _, err := opened.Translate(ctx, [][]float32{{1}}, true); err == nil || !strings.Contains(err.Error(), "picture 0 has 1 values: it must have 256") {
		t.Errorf("a short picture: %v", err)
	}
}

func TestTrainRefuses(t *testing.T) {
	for want, change := range map[string]func(*TrainConfig){
		"size is 18":         func(c *TrainConfig) { c.Model.Size = 18 },
		"for n_layers 3":     func(c *TrainConfig) { c.Model.Layers = 3 },
		"channels is 2":      func(c *TrainConfig) { c.Model.Channels = 2 },
		"n_blocks is -1":     func(c *TrainConfig) { c.Model.Blocks = -1 },
		"cycle is -1":        func(c *TrainConfig) { c.Cycle = -1 },
		"pool is -1":         func(c *TrainConfig) { c.Pool = -1 },
		"betas is [0.5 1]":   func(c *TrainConfig) { c.Betas[1] = 1 },
		"rate is NaN: it mu": func(c *TrainConfig) { c.Rate = math.NaN() },
	} {
		cfg := Recipe()
		cfg.Model, cfg.Options = Tiny(), train.Options{Run: t.TempDir(), Epochs: 1}
		change(&cfg)
		if _, err := Train(t.Context(), cfg, noises{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestRate holds the rate against PyTorch's rule: whole for half of the steps, then down in a straight line.
func TestRate(t *testing.T) {
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	run := nn.NewRunner(id, b)
	cfg := TrainConfig{Rate: 2, Steps: 6}
	for i, want := range []float32{2, 2, 2, 2, 4. / 3, 2. / 3, 0} {
		out, err := run.Call(t.Context(), "rate", func(_ *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{cfg.rate()(in[0])}
		}, float32(i+1))
		if err != nil {
			t.Fatal(err)
		}
		if got := tensors.ToScalar[float32](out[0]); math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("step %d has the rate %g, not %g", i+1, got, want)
		}
	}
}
