package pixelrnn

import (
	"testing"

	"genlab/lib/train/pixelwise/pixelwisetest"
)

// kinds are small networks of every kind, for pictures of 5×4.
func kinds() map[string]Config {
	small := Config{Variant: Row, Channels: 1, Levels: 2, Hidden: 6, Layers: 2, OutHidden: 8, Kernel: 5, Height: 5, Width: 4}
	of := func(change func(c *Config)) Config {
		c := small
		change(&c)
		return c
	}
	return map[string]Config{
		"row":             small,
		"row colour":      of(func(c *Config) { c.Channels, c.Levels = 3, 4 }),
		"diagonal":        of(func(c *Config) { c.Variant, c.Levels, c.Layers = Diagonal, 64, 3 }),
		"diagonal colour": of(func(c *Config) { c.Variant, c.Channels, c.Levels = Diagonal, 3, 4 }),
	}
}

func TestSampleAsNaive(t *testing.T) { pixelwisetest.AsNaive(t, id, kinds()) }
