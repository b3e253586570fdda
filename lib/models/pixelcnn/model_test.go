package pixelcnn

import (
	"math/rand/v2"
	"testing"
)

// TestCausality wants no output to hear of its own value or of a later one, for all pairs of values; and those networks that see
// everything before a value to see it.
func TestCausality(t *testing.T) {
	for name, c := range kinds() {
		t.Run(name, func(t *testing.T) {
			m, err := New(c, 3)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 2))
			pictures := make([][]float32, 20)
			for i := range pictures {
				for range c.Height * c.Width * c.Channels {
					pictures[i] = append(pictures[i], float32(rng.IntN(c.Levels))/float32(c.Levels-1))
				}
			}
			colours := c.Likelihood().Colours()
			for place := range c.Height * c.Width * colours {
				row, column, colour := place/colours/c.Width, place/colours%c.Width, place%colours
				heard, err := m.Reception(t.Context(), pictures, row, column, colour)
				if err != nil {
					t.Fatal(err)
				}
				first := place * c.Channels / colours // of the values that are still to come
				for at, v := range heard {
					if at >= first && v != 0 {
						t.Errorf("the output at row %d, column %d, colour %d hears of value %d, which comes later: %g", row, column, colour, at, v)
					}
					if at < first && v == 0 && sees(c, row, column, at) {
						t.Errorf("the output at row %d, column %d, colour %d doesn't hear of value %d, which comes before", row, column, colour, at)
					}
				}
			}
		})
	}
}

// sees says whether a network surely sees a value that comes before a pixel: two stacks have no blind spot. Colours have so few channels
// here that some are cut off by a ReLU.
func sees(c Config, _, _, _ int) bool { return c.Gated && c.Channels == 1 }
