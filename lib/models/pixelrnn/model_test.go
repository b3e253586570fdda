package pixelrnn

import (
	"testing"

	"genlab/lib/train/pixelwise/pixelwisetest"
)

func TestCausality(t *testing.T) { pixelwisetest.Causal(t, id, kinds(), sees) }

// sees says whether a network surely sees a value that comes before a pixel. The Row LSTM sees a triangle. The Diagonal BiLSTM sees all but
// the end of the row above, which the first layer hides from the LSTM from the right at that place, unless the first layer itself reaches
// there. Colours have so few channels here that some are cut off by a ReLU.
func sees(c Config, row, column, at int) bool {
	end := at == row*c.Width-1 && column+c.Kernel/2 < c.Width-1
	return c.Variant == Diagonal && c.Channels == 1 && !end
}
