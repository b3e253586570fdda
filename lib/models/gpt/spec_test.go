package gpt

import (
	"strings"
	"testing"

	"genlab/lib/spec"
	"genlab/lib/spec/spectest"
)

func TestParity(t *testing.T)    { spectest.Parity(t, Spec) }
func TestWorkloads(t *testing.T) { spectest.Workloads(t, Spec.Workloads...) }

func TestStepRefuses(t *testing.T) {
	for given, want := range map[string]string{
		`{"lr": -1}`:                     "lr is -1",
		`{"warmup": 5, "total": 5}`:      "warmup is 5: it must be 0 or more, and less than total, 5",
		`{"n_head": 5}`:                  "n_embd is 768",
		`{"accumulate": 2, "clip": 0.1}`: "the model has no accumulate",
	} {
		if _, err := openStep(spec.Config{given}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want an error with %q, got %v", given, want, err)
		}
	}
}
