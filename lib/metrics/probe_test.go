package metrics

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestProbe compares with scikit-learn's LogisticRegression. Both minima are the same; so are the weights, but for a constant in the intercepts.
func TestProbe(t *testing.T) {
	raw, err := os.ReadFile("testdata/probe.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		X, Weights    [][]float64
		Classes, Told []int
		Known         int
		Intercept     []float64
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	p, err := NewProbe(g.X[:g.Known], g.Classes[:g.Known], 3)
	if err != nil {
		t.Fatal(err)
	}
	for k, w := range g.Weights {
		for j, v := range w {
			if math.Abs(p.Weights[k][j]-v) > 1e-4 {
				t.Errorf("weight %d of class %d is %g, theirs %g", j, k, p.Weights[k][j], v)
			}
		}
		if got, want := p.Intercept[k]-p.Intercept[0], g.Intercept[k]-g.Intercept[0]; math.Abs(got-want) > 1e-4 {
			t.Errorf("the intercept of class %d is %g, theirs %g", k, got, want)
		}
	}
	told, err := p.Classes(g.X[g.Known:])
	if err != nil || !slices.Equal(told, g.Told) {
		t.Errorf("told %v, theirs %v: %v", told, g.Told, err)
	}
	if _, err := NewProbe(g.X, g.Classes, 2); err == nil || !strings.Contains(err.Error(), "it must be 0 to 1") {
		t.Errorf("too few classes: %v", err)
	}
	if _, err := p.Classes([][]float64{{1}}); err == nil || !strings.Contains(err.Error(), "it must have 4") {
		t.Errorf("too few features: %v", err)
	}
}
