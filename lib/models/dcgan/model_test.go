package dcgan

import (
	"os"
	"strings"
	"testing"

	"genlab/lib/nn"
	"genlab/lib/torch"
)

// The text and the counts are PyTorch's, of the article's classes.
func TestPrintedStructure(t *testing.T) {
	generator, err := NewGenerator(Default())
	if err != nil {
		t.Fatal(err)
	}
	discriminator, err := NewDiscriminator(Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file  string
		net   any
		count int
	}{{"generator.txt", generator, 3576704}, {"discriminator.txt", discriminator, 2765568}} {
		want, err := os.ReadFile("testdata/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := torch.Sprint(c.net); got != strings.TrimSpace(string(want)) {
			t.Errorf("%s:\n%s", c.file, got)
		}
		if n := nn.Count(c.net); n != c.count {
			t.Errorf("%s: %d parameters, want %d", c.file, n, c.count)
		}
	}
}
