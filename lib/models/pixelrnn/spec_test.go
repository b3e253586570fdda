package pixelrnn

import (
	"testing"

	"genlab/lib/spec/spectest"
)

func TestParity(t *testing.T)    { spectest.Parity(t, Spec) }
func TestPrint(t *testing.T)     { spectest.Prints(t, Spec) }
func TestWorkloads(t *testing.T) { spectest.Workloads(t, Spec.Workloads...) }
