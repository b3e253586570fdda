package dcgan

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

	"genlab/lib/nn"
	"genlab/lib/train"
)

// squares is made data: pictures of 32×32 with a bright square, by class to the left or to the right.
type squares struct{ labels bool }

func (squares) Steps() int { return 4 }

func (d squares) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	const n = 8
	labels := make([]int32, n)
	x := tensors.FromShape(shapes.Make(dtypes.Float32, n, 32, 32, 1))
	err := tensors.MutableFlatData(x, func(flat []float32) {
		for i := range n {
			labels[i] = int32((i + step) % 2)
			for p := range 12 * 12 {
				row, column := 10+p/12, 2+(epoch+i)%4+p%12+14*int(labels[i])
				flat[i*1024+row*32+column] = 1
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
	cfg := TrainConfig{Model: Tiny(), Seed: 3, Loss: nn.WGANGP, DSteps: 2, EMA: 0.9}
	cfg.Model.Classes, cfg.Model.Norm, cfg.Model.Init = 2, LayerNorm, PaperInit
	var lines []string
	var epochs []int
	cfg.AfterLine = func(ctx context.Context, m *Model, step int, line string) error {
		lines = append(lines, line)
		_, err := m.Sample(ctx, 1, 1)
		return err
	}
	cfg.AfterEpoch = func(ctx context.Context, m *Model, epoch int, _ string) error {
		epochs = append(epochs, epoch)
		_, err := m.Sample(ctx, 1, 1)
		return err
	}
	cfg.Evaluate = func(context.Context, *Model) ([]train.Metric, error) {
		return []train.Metric{{Name: "asked", Value: 1}}, nil
	}
	cfg.Options = quiet(filepath.Join(t.TempDir(), "whole"), 2)
	whole, err := Train(ctx, cfg, squares{labels: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "[0/2][0/4] Loss_D: ") || !strings.HasPrefix(lines[1], "[1/2][0/4] Loss_D: ") {
		t.Errorf("lines %q", lines)
	}
	if !slices.Equal(epochs, []int{1, 2}) {
		t.Errorf("epochs %v", epochs)
	}
	records, err := train.ReadMetrics(cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	if _, asked := train.Series(records, "asked"); len(asked) != 2 {
		t.Errorf("measured %d times, want 2", len(asked))
	}

	cfg.Options = quiet(filepath.Join(t.TempDir(), "parts"), 2)
	stopped, stop := context.WithCancel(ctx)
	cfg.AfterLine = nil
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
	a, err := whole.Sample(ctx, 70, 5)
	if err != nil {
		t.Fatal(err)
	}
	b, err := parts.Sample(ctx, 70, 5)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if len(a[i]) != 32*32 || !slices.Equal(a[i], b[i]) {
			t.Fatalf("sample %d differs between a whole training and one in parts", i)
		}
	}
	c, err := parts.Sample(ctx, 1, 6)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(a[0], c[0]) || slices.Equal(a[0], a[66]) {
		t.Error("two samples are one")
	}
	z, err := parts.Noise(ctx, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = parts.Generate(ctx, [][]float32{z[0], z[0]}, []int{0, 1}); err != nil || slices.Equal(b[0], b[1]) || !slices.Equal(a[0], b[0]) {
		t.Errorf("two classes of one point are one, or it isn't the sample's point; error %v", err)
	}
	trained, err := Open(cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	trained.mean = false
	if b, err = trained.Generate(ctx, z, []int{0}); err != nil || slices.Equal(a[0], b[0]) {
		t.Errorf("the mean of the weights is the weights; error %v", err)
	}
	files := filepath.Join(t.TempDir(), "g.safetensors")
	if err := parts.Generator().Save(files); err != nil {
		t.Fatal(err)
	}
	fresh, err := New(cfg.Model, 99)
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Generator().Load(files); err != nil {
		t.Fatal(err)
	}
	if b, err = fresh.Sample(ctx, 1, 5); err != nil || !slices.Equal(a[0], b[0]) {
		t.Errorf("saved and loaded weights give another sample; error %v", err)
	}
	for want, given := range map[string]struct {
		z      [][]float32
		labels []int
	}{
		"no latent point": {nil, nil},
		"has 2 values":    {[][]float32{{1, 2}}, nil},
		"0 labels for 1":  {z, nil},
		"label 0 is 2":    {z, []int{2}},
	} {
		if _, err := parts.Generate(ctx, given.z, given.labels); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	for want, change := range map[string]func(*TrainConfig){
		"nz is 0":                    func(c *TrainConfig) { c.Model.NZ = 0 },
		"image_size is 48":           func(c *TrainConfig) { c.Model.ImageSize = 48 },
		"classes is 1":               func(c *TrainConfig) { c.Model.Classes = 1 },
		`init is "xavier"`:           func(c *TrainConfig) { c.Model.Init = "xavier" },
		`norm is "group"`:            func(c *TrainConfig) { c.Model.Norm = "group" },
		`loss is "lsgan"`:            func(c *TrainConfig) { c.Loss = "lsgan" },
		"rate is -1":                 func(c *TrainConfig) { c.Rate = -1 },
		"betas is [1 0.9]":           func(c *TrainConfig) { c.Betas = [2]float64{1, 0.9} },
		"smooth is 0.7":              func(c *TrainConfig) { c.Smooth = 0.7 },
		`smooth is 0.1 with loss`:    func(c *TrainConfig) { c.Smooth, c.Loss = 0.1, nn.GANHinge },
		"penalty is 10":              func(c *TrainConfig) { c.Penalty = 10 },
		"discriminator's batch norm": func(c *TrainConfig) { c.Loss = nn.WGANGP },
		"d_steps is -1":              func(c *TrainConfig) { c.DSteps = -1 },
		"EMA decay is 1":             func(c *TrainConfig) { c.EMA = 1 },
	} {
		cfg := TrainConfig{Model: Tiny(), Options: quiet(t.TempDir(), 1)}
		change(&cfg)
		if _, err := Train(context.Background(), cfg, squares{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for want, change := range map[string]func(*TrainConfig){
		"the data set gives none":         func(c *TrainConfig) { c.Model.Classes = 2 },
		"can't be cut into d_steps of 3":  func(c *TrainConfig) { c.DSteps = 3 },
		"the discriminator takes picture": func(c *TrainConfig) { c.Model.ImageSize = 64 },
	} {
		cfg := TrainConfig{Model: Tiny(), Options: quiet(t.TempDir(), 1)}
		change(&cfg)
		if _, err := Train(context.Background(), cfg, squares{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// The paper's first weights: standard deviations of 0.02, around 0 for kernels and 1 for scales.
func TestPaperInit(t *testing.T) {
	c := Tiny()
	c.Init = PaperInit
	m, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]float32{"main.0.weight": {0, 0.02}, "main.1.weight": {1, 0.02}} {
		value, err := m.scope(generatorScope).GetVariable(name).Value()
		if err != nil {
			t.Fatal(err)
		}
		var mean, square float32
		values := tensors.MustCopyFlatData[float32](value)
		for _, v := range values {
			mean += v / float32(len(values))
		}
		for _, v := range values {
			square += (v - mean) * (v - mean) / float32(len(values))
		}
		if d := mean - want[0]; d*d > 0.02*0.02/4 || square < 0.01*0.01 || square > 0.03*0.03 {
			t.Errorf("%s: mean %g, variance %g", name, mean, square)
		}
	}
}
