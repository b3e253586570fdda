package dalle

import (
	"testing"

	"genlab/lib/spec/spectest"
)

func TestParity(t *testing.T) { spectest.Parity(t, Spec, DVAESpec, VQVAESpec) }
func TestPrint(t *testing.T)  { spectest.Prints(t, Spec) }

func TestWorkloads(t *testing.T) {
	spectest.Workloads(t, append(Spec.Workloads, DVAESpec.Workloads...)...)
}
