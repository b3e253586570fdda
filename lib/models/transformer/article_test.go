package transformer

import (
	"testing"

	"genlab/lib/nn"
)

// PyTorch counts the article's encoder by sum(p.numel() for p in parameters()).
func TestEncoderCount(t *testing.T) {
	c := DefaultEncoder()
	c.Variant = Published
	encoder, err := NewEncoder(c)
	if err != nil {
		t.Fatal(err)
	}
	if n := nn.Count(encoder); n != 14878720 {
		t.Errorf("%d parameters", n)
	}
}
