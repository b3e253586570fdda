package gpt

import (
	"testing"

	"genlab/lib/nn"
)

// The sizes are transformers': sum(p.numel() for p in GPT2LMHeadModel(GPT2Config.from_pretrained(...)).parameters()).
func TestParameters(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   int
	}{
		"gpt2": {GPT2(), 124439808}, "gpt2-medium": {GPT2Medium(), 354823168}, "gpt2-large": {GPT2Large(), 774030080}, "gpt2-xl": {GPT2XL(), 1557611200},
	} {
		net, err := NewNet(c.config)
		if err != nil {
			t.Fatal(err)
		}
		if got := nn.Count(net); got != c.want {
			t.Errorf("%s has %d parameters, want %d", name, got, c.want)
		}
	}
}
