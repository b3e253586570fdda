package vit

import (
	"strings"
	"testing"

	"genlab/lib/nn"
)

func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(*TrainConfig){
		"image_size is 30":           func(c *TrainConfig) { c.Model.ImageSize = 30 },
		"patch_size is 0":            func(c *TrainConfig) { c.Model.PatchSize = 0 },
		"hidden_size is 64 and":      func(c *TrainConfig) { c.Model.Heads = 5 },
		`hidden_act is "tanh"`:       func(c *TrainConfig) { c.Model.Activation = "tanh" },
		`pool is "max"`:              func(c *TrainConfig) { c.Model.Pool = "max" },
		`positions is "x"`:           func(c *TrainConfig) { c.Model.Positions = "x" },
		"hidden_size is 6:":          func(c *TrainConfig) { c.Model.Positions, c.Model.Embed, c.Model.Heads = Sinusoidal, 6, 2 },
		`pool is "mean": it must be`: func(c *TrainConfig) { c.Model.Pool, c.Model.Distilled = Mean, true },
		"drop_path_rate is 1":        func(c *TrainConfig) { c.Model.DropPath = 1 },
		"layerscale_value is -1":     func(c *TrainConfig) { c.Model.LayerScale = -1 },
		"layer_norm_eps is 0":        func(c *TrainConfig) { c.Model.Eps = 0 },
		"rate is -1":                 func(c *TrainConfig) { c.Rate = -1 },
		"min_rate is 1":              func(c *TrainConfig) { c.MinRate = 1 },
		"steps is -1":                func(c *TrainConfig) { c.Steps = -1 },
		"decay is -1":                func(c *TrainConfig) { c.Decay = -1 },
		"smoothing is 1":             func(c *TrainConfig) { c.Smoothing = 1 },
		"mixup is -1":                func(c *TrainConfig) { c.Mixup = -1 },
		"cutmix is -1":               func(c *TrainConfig) { c.CutMix = -1 },
	} {
		c := Recipe()
		change(&c)
		if err := c.validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestCount holds the sizes against the papers': 86 million of ViT-B/16 without its head (Dosovitskiy et al., table 1), as
// google/vit-base-patch16-224-in21k has them: 85,798,656.
func TestCount(t *testing.T) {
	net, err := NewNet(Base())
	if err != nil {
		t.Fatal(err)
	}
	if n := nn.Count(net.Encoder); n != 85798656 {
		t.Errorf("%d parameters", n)
	}
}
