package transformer

import (
	"os"
	"testing"

	"genlab/lib/nn"
	"genlab/lib/torch"
)

// testdata/encoder.txt is what PyTorch prints for the article's encoder; sum(p.numel() for p in parameters()) counts it.
func TestPrint(t *testing.T) {
	config := DefaultEncoder()
	config.Variant = Published
	encoder, err := NewEncoder(config)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/encoder.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := torch.Sprint(encoder); got != string(want) && got+"\n" != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if n := nn.Count(encoder); n != 14878720 {
		t.Errorf("%d parameters", n)
	}
}
