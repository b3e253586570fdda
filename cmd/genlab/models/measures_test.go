package models

import (
	"testing"

	"genlab/lib/spec/spectest"
)

// TestMeasures compares what is measured with scikit-learn 1.9.1.
func TestMeasures(t *testing.T) { spectest.Parity(t, Measures()) }
