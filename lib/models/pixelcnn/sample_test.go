package pixelcnn

import (
	"testing"

	"genlab/lib/train/pixelwise/pixelwisetest"
)

// small has pictures of 5×4.
func small(change func(*Config)) Config {
	c := Config{Gated: true, Channels: 1, Levels: 2, Hidden: 6, Layers: 3, OutHidden: 8, Kernel: 5, InnerKernel: 3, Height: 5, Width: 4}
	change(&c)
	return c
}

// kinds are small networks of every kind.
func kinds() map[string]Config {
	return map[string]Config{
		"gated":         small(func(*Config) {}),
		"gated classes": small(func(c *Config) { c.Classes = 3 }),
		"gated wide":    small(func(c *Config) { c.Levels, c.InnerKernel, c.Kernel = 4, 5, 7 }),
		"gated colour":  small(func(c *Config) { c.Channels, c.Levels = 3, 5 }),
		"gated mixture": small(func(c *Config) { c.Channels, c.Levels, c.Mixtures = 3, 256, 2 }),
		"first":         small(func(c *Config) { c.Gated, c.Levels = false, 64 }),
		"first colour":  small(func(c *Config) { c.Gated, c.Channels, c.Levels = false, 3, 4 }),
	}
}

func TestSampleAsNaive(t *testing.T) { pixelwisetest.AsNaive(t, id, kinds()) }
