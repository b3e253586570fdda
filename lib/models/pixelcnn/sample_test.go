package pixelcnn

import (
	"slices"
	"testing"

	"genlab/lib/nn/pixels"
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

// TestSampleAsNaive wants the loop with caches to draw, to the last value, what whole passes draw by the same random numbers.
func TestSampleAsNaive(t *testing.T) {
	for name, c := range kinds() {
		t.Run(name, func(t *testing.T) {
			m, err := New(c, 3)
			if err != nil {
				t.Fatal(err)
			}
			class := min(c.Classes, 1) * -1
			quick, err := m.Sample(t.Context(), pixels.SampleConfig{Number: 20, Seed: 5, Class: class, Temperature: 0.1})
			if err != nil {
				t.Fatal(err)
			}
			naive, err := m.Sample(t.Context(), pixels.SampleConfig{Number: 20, Seed: 5, Class: class, Temperature: 0.1, Naive: true})
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
			completed, err := m.Complete(t.Context(), given, 9, pixels.SampleConfig{Number: 3, Seed: 6, Class: class})
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
