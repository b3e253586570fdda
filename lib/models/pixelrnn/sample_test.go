package pixelrnn

import (
	"slices"
	"testing"

	"genlab/lib/nn/pixels"
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

// TestSampleAsNaive wants the loop with caches to draw, to the last value, what whole passes draw by the same random numbers.
func TestSampleAsNaive(t *testing.T) {
	for name, c := range kinds() {
		t.Run(name, func(t *testing.T) {
			m, err := New(c, 3)
			if err != nil {
				t.Fatal(err)
			}
			quick, err := m.Sample(t.Context(), pixels.SampleConfig{Number: 20, Seed: 5, Temperature: 0.1})
			if err != nil {
				t.Fatal(err)
			}
			naive, err := m.Sample(t.Context(), pixels.SampleConfig{Number: 20, Seed: 5, Temperature: 0.1, Naive: true})
			if err != nil {
				t.Fatal(err)
			}
			for i := range quick {
				if !slices.Equal(quick[i], naive[i]) {
					t.Errorf("picture %d is\n%v, by whole passes\n%v", i, quick[i], naive[i])
				}
			}
			if slices.Equal(quick[0], quick[1]) {
				t.Error("two pictures are the same")
			}
			given := quick[0]
			completed, err := m.Complete(t.Context(), given, 9, pixels.SampleConfig{Number: 3, Seed: 6})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range completed {
				if !slices.Equal(p[:9*c.Channels], given[:9*c.Channels]) {
					t.Errorf("completion %d is %v, the pixels known are %v", i, p, given[:9*c.Channels])
				}
			}
			if slices.Equal(completed[0], completed[1]) {
				t.Error("two completions are the same")
			}
		})
	}
}
