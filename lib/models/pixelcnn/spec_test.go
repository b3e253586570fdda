package pixelcnn

import (
	"testing"

	"genlab/lib/spec/spectest"
)

func TestParity(t *testing.T)    { spectest.Parity(t, Spec, GatedSpec) }
func TestPrint(t *testing.T)     { spectest.Prints(t, Spec) }
func TestWorkloads(t *testing.T) { spectest.Workloads(t, Spec.Workloads...) }
