package clip

import (
	"testing"

	"genlab/lib/spec/spectest"
)

func TestParity(t *testing.T) { spectest.Parity(t, Spec) }
func TestPrint(t *testing.T)  { spectest.Prints(t, Spec) }
