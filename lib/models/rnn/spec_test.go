package rnn

import (
	"slices"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/spec/spectest"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

func TestParity(t *testing.T) { spectest.Parity(t, Spec, ProgramSpec) }
func TestPrint(t *testing.T)  { spectest.Prints(t, Spec, ProgramSpec) }
func TestWorkloads(t *testing.T) {
	spectest.Workloads(t, slices.Concat(Spec.Workloads, ProgramSpec.Workloads)...)
}
