package cyclegan

import (
	"testing"

	"genlab/lib/spec/spectest"
)

func TestParity(t *testing.T) { spectest.Parity(t, Spec) }
