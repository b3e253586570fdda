package dcgan

import (
	"testing"

	"genlab/lib/nn"
)

// The counts are PyTorch's, of the article's classes.
func TestCount(t *testing.T) {
	generator, err := NewGenerator(Default())
	if err != nil {
		t.Fatal(err)
	}
	discriminator, err := NewDiscriminator(Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		net   any
		count int
	}{{generator, 3576704}, {discriminator, 2765568}} {
		if n := nn.Count(c.net); n != c.count {
			t.Errorf("%s has %d parameters, want %d", c.net, n, c.count)
		}
	}
}
