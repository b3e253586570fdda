package transformer

import (
	"fmt"

	"genlab/lib/nn"
)

// Activation is the function between the two layers of a feed-forward part.
type Activation string

// The functions that nn.Transformer knows.
const (
	ReLU Activation = "relu" // the paper's
	GELU Activation = "gelu" // x·Φ(x), exact as PyTorch's (Hendrycks & Gimpel, "Gaussian error linear units", 2016)
)

func (a Activation) validate() error {
	if a != ReLU && a != GELU {
		return fmt.Errorf("transformer: activation is %q: it must be %q or %q", a, ReLU, GELU)
	}
	return nil
}

func (a Activation) layer() nn.Layer {
	if a == GELU {
		return nn.GELU{}
	}
	return nn.ReLU{}
}
