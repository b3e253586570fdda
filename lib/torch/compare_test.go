package torch

import (
	"strings"
	"testing"

	"genlab/lib/nn"
)

func TestCompare(t *testing.T) {
	net := nn.Name(&struct {
		FC  *nn.Linear `nn:"fc"`
		Out *nn.Linear `nn:"out"`
	}{nn.NewLinear(2, 3, true), nn.NewLinear(3, 1, true)})
	sd := &StateDict{}
	sd.Set("fc.weight", Tensor{F32, []int{2, 3}, nil})
	sd.Set("fc.bias", Tensor{F32, []int{3}, nil})
	sd.Set("extra", Tensor{F32, []int{7}, nil})
	d := Compare(net, sd)
	err := d.Err(false)
	if err == nil {
		t.Fatal("accepted")
	}
	want := `the weights don't fit the model:
  missing from the file: out.weight [1 3]; out.bias [1]
  unknown to the model: extra [7]
  of another shape: fc.weight is [2 3] in the file, [3 2] in the model`
	if err.Error() != want {
		t.Errorf("error\n%s\nwant\n%s", err, want)
	}
	if err := d.Err(true); err == nil || strings.Contains(err.Error(), "extra") || !strings.Contains(err.Error(), "fc.weight") {
		t.Errorf("partial: %v", err)
	}
	sd.Set("fc.weight", Tensor{F32, []int{3, 2}, nil})
	if err := Compare(net, sd).Err(true); err != nil {
		t.Errorf("partial: %v", err)
	}
}
