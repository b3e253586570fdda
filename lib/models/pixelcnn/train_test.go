package pixelcnn

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn/pixels"
	"genlab/lib/train/pixelwise/pixelwisetest"
)

func barsConfig(classes int) TrainConfig {
	c := Tiny()
	c.Kernel, c.Height, c.Width, c.Classes = 5, 6, 6, classes
	return pixelwisetest.Config(c)
}

func TestTrainOpenSample(t *testing.T) { pixelwisetest.Learns(t, id, barsConfig(0)) }

// stripes is made data: class 0 has upright stripes, class 1 lying ones, each by chance in one of two places.
type stripes struct{ pixelwisetest.Bars }

func (stripes) Batch(_, step int) ([]*tensors.Tensor, error) {
	x, y := make([][]float32, 12), make([]int32, 12)
	for i := range x {
		x[i], y[i] = make([]float32, 36), int32(i%2)
		for at := range x[i] {
			across := []int{at % 6, at / 6}[y[i]]
			x[i][at] = float32((across + step + i/2) % 2)
		}
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y)}, nil
}

// TestClasses wants a model that was told how stripes run to draw those that it is asked for.
func TestClasses(t *testing.T) {
	ctx, cfg := context.Background(), barsConfig(2)
	cfg.Run, cfg.Validation = filepath.Join(t.TempDir(), "run"), stripes{}
	m, err := Train(ctx, cfg, stripes{})
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := m.Sample(ctx, pixels.SampleConfig{Number: 40, Seed: 3, Class: -1})
	if err != nil {
		t.Fatal(err)
	}
	good := 0
	for i, p := range drawn {
		if upright := p[0] != p[1]; upright == (i%2 == 0) {
			good++
		}
	}
	if good < 36 {
		t.Errorf("%d of 40 samples have the stripes of the class that was asked for", good)
	}
	one, err := m.Sample(ctx, pixels.SampleConfig{Number: 10, Seed: 4, Class: 1})
	if err != nil {
		t.Fatal(err)
	}
	good = 0
	for _, p := range one {
		if p[0] == p[1] && p[0] != p[6] {
			good++
		}
	}
	if good < 9 {
		t.Errorf("%d of 10 samples have lying stripes", good)
	}
}

func TestRefusals(t *testing.T) {
	pixelwisetest.Refuses(t, id, barsConfig(0))
	for want, change := range map[string]func(*Config){
		"kernel is 6":       func(c *Config) { c.Kernel = 6 },
		"kernel is 1":       func(c *Config) { c.Kernel = 1 },
		"inner_kernel is 4": func(c *Config) { c.InnerKernel = 4 },
		"classes is 3":      func(c *Config) { c.Gated, c.Classes = false, 3 },
		"layers is 0":       func(c *Config) { c.Layers = 0 },
		"levels is 300":     func(c *Config) { c.Levels = 300 },
	} {
		c := Default()
		change(&c)
		if _, err := New(c, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
