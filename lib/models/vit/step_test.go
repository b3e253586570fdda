package vit

import (
	"strings"
	"testing"

	"genlab/lib/nn"
)

// TestDecays wants the weights of linear maps to shrink and nothing else.
func TestDecays(t *testing.T) {
	c := Tiny()
	c.Distilled, c.Registers, c.LayerScale = true, 2, 1
	net, err := NewNet(c)
	if err != nil {
		t.Fatal(err)
	}
	for path, p := range nn.Params(net) {
		if want := strings.HasSuffix(path, ".weight") && !strings.Contains(path, "norm"); decays(p) != want {
			t.Errorf("%s decays: %v", path, !want)
		}
	}
}
