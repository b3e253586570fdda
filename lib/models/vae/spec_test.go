package vae

import (
	"testing"

	"genlab/lib/spec/spectest"
)

func TestParity(t *testing.T)    { spectest.Parity(t, Spec, ConvSpec) }
func TestPrint(t *testing.T)     { spectest.Prints(t, Spec, ConvSpec) }
func TestWorkloads(t *testing.T) { spectest.Workloads(t, Spec.Workloads...) }
