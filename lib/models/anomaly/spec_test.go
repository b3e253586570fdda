package anomaly

import (
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/spec/spectest"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

func TestParity(t *testing.T)    { spectest.Parity(t, Spec) }
func TestPrint(t *testing.T)     { spectest.Prints(t, Spec) }
func TestWorkloads(t *testing.T) { spectest.Workloads(t, Spec.Workloads...) }
