package pixelrnn

import (
	"strings"
	"testing"

	"genlab/lib/train/pixelwise/pixelwisetest"
)

func barsConfig() TrainConfig {
	c := Tiny()
	c.Kernel, c.Height, c.Width = 5, 6, 6
	return pixelwisetest.Config(c)
}

func TestTrainOpenSample(t *testing.T) { pixelwisetest.Learns(t, id, barsConfig()) }

func TestRefusals(t *testing.T) {
	pixelwisetest.Refuses(t, id, barsConfig())
	for want, change := range map[string]func(*Config){
		"kernel is 6":         func(c *Config) { c.Kernel = 6 },
		"kernel is 1":         func(c *Config) { c.Kernel = 1 },
		`variant is "spiral"`: func(c *Config) { c.Variant = "spiral" },
		"layers is 0":         func(c *Config) { c.Layers = 0 },
		"levels is 300":       func(c *Config) { c.Levels = 300 },
	} {
		c := Default()
		change(&c)
		if _, err := New(c, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
