package exchange

import (
	"encoding/json"
	"testing"

	"genlab/lib/torch"
)

// TestDescribeCounts compares the parameters with PyTorch's counts of the article's models.
func TestDescribeCounts(t *testing.T) {
	for id, want := range map[string]int{
		"dcgan.generator": 3576704, "dcgan.discriminator": 2765568, "vae": 652824, "rnn": 850, "encoder": 14878720, "gpt": 124439808,
	} {
		stdout, _, err := genlab(t, "describe", id, "--json")
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		var got torch.Summary
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatal(err)
		}
		if got.Params != want {
			t.Errorf("%s has %d parameters, PyTorch's %d", id, got.Params, want)
		}
	}
}
