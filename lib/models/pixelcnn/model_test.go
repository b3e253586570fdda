package pixelcnn

import (
	"testing"

	"genlab/lib/train/pixelwise/pixelwisetest"
)

func TestCausality(t *testing.T) { pixelwisetest.Causal(t, id, kinds(), sees) }

// sees says whether a network surely sees a value that comes before a pixel: two stacks have no blind spot. Colours have so few channels
// here that some are cut off by a ReLU.
func sees(c Config, _, _, _ int) bool { return c.Gated && c.Channels == 1 }
