package torch

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	sd := &StateDict{}
	for name, shape := range map[string][]int{"fc.weight": {2, 3}, "fc.bias": {}} {
		sd.Set(name, Tensor{F32, shape, nil})
	}
	sd.Set("extra", Tensor{F32, []int{7}, nil})
	expected := []Spec{{"fc.weight", []int{3, 2}}, {"fc.bias", nil}, {"out.weight", []int{1, 3}}, {"out.bias", []int{1}}}
	err := Match(expected, sd, false)
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
	if err := Match(expected, sd, true); err == nil || strings.Contains(err.Error(), "extra") || !strings.Contains(err.Error(), "fc.weight") {
		t.Errorf("partial: %v", err)
	}
	expected[0].Shape = []int{2, 3}
	if err := Match(expected, sd, true); err != nil {
		t.Errorf("partial: %v", err)
	}
}
