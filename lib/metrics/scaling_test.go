package metrics

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The fit is SciPy's on the same trainings (testdata/make_scaling.py).
func TestFitScaling(t *testing.T) {
	raw, err := os.ReadFile("testdata/scaling.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Points [][3]float64
		Loss   float64
		Law    ScalingLaw
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	var points []Scaled
	for _, p := range want.Points {
		points = append(points, Scaled{p[0], p[1], p[2]})
	}
	law, err := FitScaling(points)
	if err != nil {
		t.Fatal(err)
	}
	got := scalingLoss(points, []float64{math.Log(law.A), math.Log(law.B), math.Log(law.E), law.Alpha, law.Beta}, nil)
	if got > want.Loss*1.001 || math.Abs(law.Alpha-want.Law.Alpha) > 1e-3 || math.Abs(law.Beta-want.Law.Beta) > 1e-3 {
		t.Errorf("%+v with a loss of %.6g, SciPy %+v with %.6g", law, got, want.Law, want.Loss)
	}
}
