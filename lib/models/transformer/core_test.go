package transformer

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend/backendtest"
	"genlab/lib/spec"
	"genlab/lib/torch/torchtest"
)

// Blocks of keys are another way to the numbers of TestParity.
func TestCoreInBlocks(t *testing.T) {
	net, err := spec.FindNet([]*spec.Model{Spec}, "transformer")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"transformer-post", "transformer-pre"} {
		t.Run(name, func(t *testing.T) {
			c := torchtest.Read(t, filepath.Join("testdata", "parity", name))
			backendtest.Each(t, func(t *testing.T, b compute.Backend) {
				r := &spec.Request{
					Config: spec.Config{string(c.Config), `{"attention_block": 2}`}, Training: true, Weights: c.Weights, Inputs: c.Inputs, Backend: b,
				}
				got, err := r.Forward(net)
				if err != nil {
					t.Fatal(err)
				}
				c.CheckAll(t, got)
			})
		})
	}
}
