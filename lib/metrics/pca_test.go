package metrics

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestPCA wants both ways to the components to agree, and all components to keep everything.
func TestPCA(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([][]float64, 60)
	for i := range x {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		x[i] = []float64{3 * a, a - b, 0.5*b + 1, 0.1 * rng.NormFloat64()}
	}
	many, err := NewPCA(x, 4) // by covariance
	if err != nil {
		t.Fatal(err)
	}
	few, err := NewPCA(x[:30], 4) // by singular values
	if err != nil {
		t.Fatal(err)
	}
	again, err := NewPCA(append(append([][]float64{}, x[:30]...), x[:30]...), 4) // the same twice, by covariance
	if err != nil {
		t.Fatal(err)
	}
	for k := range 4 {
		if math.Abs(few.ExplainedRatio[k]-again.ExplainedRatio[k]) > 1e-12 {
			t.Errorf("component %d explains %g and %g", k, few.ExplainedRatio[k], again.ExplainedRatio[k])
		}
		for j := range 4 {
			if math.Abs(few.Components[k][j]-again.Components[k][j]) > 1e-9 {
				t.Errorf("component %d is %v and %v", k, few.Components[k], again.Components[k])
			}
		}
	}
	many.Whiten = true
	z, err := many.Transform(x)
	if err != nil {
		t.Fatal(err)
	}
	back, err := many.Inverse(z)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x {
		for j := range x[i] {
			if math.Abs(back[i][j]-x[i][j]) > 1e-9 {
				t.Fatalf("example %d comes back as %v, not %v", i, back[i], x[i])
			}
		}
	}
	if _, err := NewPCA(x, 5); err == nil || !strings.Contains(err.Error(), "components is 5: it must be 1 to 4") {
		t.Errorf("too many components: %v", err)
	}
}
