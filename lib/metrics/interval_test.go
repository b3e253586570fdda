package metrics

import (
	"math"
	"strings"
	"testing"
)

func TestConfidence(t *testing.T) {
	g := readClassified(t)
	if got, err := Confidence(g.Values); err != nil || math.Abs(got.Mean-g.Mean) > 1e-12 || math.Abs(got.Half-g.Half) > 1e-9 {
		t.Errorf("%v, SciPy's is %v ± %v; error %v", got, g.Mean, g.Half, err)
	}
	if _, err := Confidence([]float64{1}); err == nil || !strings.Contains(err.Error(), "there must be at least 2") {
		t.Errorf("error %v", err)
	}
}
