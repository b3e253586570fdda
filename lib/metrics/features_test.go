package metrics

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// features makes the numbers that testdata/features.py makes.
func features(n, d int, shift, scale float64) [][]float32 {
	rows := make([][]float32, n)
	for i := range rows {
		rows[i] = make([]float32, d)
		for j := range d {
			x, y := float64(i), float64(j)
			rows[i][j] = float32(math.Sin((x+1)*(y+1)*0.7+shift)*scale + shift*y*0.1 + math.Cos(x*1.3+y*y))
		}
	}
	return rows
}

// The numbers are SciPy's and NumPy's: testdata/features.py.
func TestFrechetAndPrecisionRecall(t *testing.T) {
	text, err := os.ReadFile("testdata/features.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			N, M, D, K                               int
			Shift, Scale, Frechet, Precision, Recall float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		a, b := features(c.N, c.D, 0, 1), features(c.M, c.D, c.Shift, c.Scale)
		distance, err := Frechet(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(distance-c.Frechet) > 1e-5*max(1, c.Frechet) {
			t.Errorf("%+v: distance %g", c, distance)
		}
		precision, recall, err := PrecisionRecall(a, b, c.K)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(precision-c.Precision) > 1e-9 || math.Abs(recall-c.Recall) > 1e-9 {
			t.Errorf("%+v: precision %g, recall %g", c, precision, recall)
		}
	}
}

// A classifier's features may all but repeat each other: the covariance then has no inverse.
func TestFrechetOfSingularCovariance(t *testing.T) {
	a := features(40, 3, 0, 1)
	for _, row := range a {
		row[2] = row[1]
	}
	if d, err := Frechet(a, a); err != nil || math.Abs(d) > 1e-6 {
		t.Errorf("distance of a set from itself: %g, error %v", d, err)
	}
}

func TestFeatureErrors(t *testing.T) {
	good := features(5, 2, 0, 1)
	for want, bad := range map[string][][]float32{
		"has 1 examples": good[:1],
		"has 3 features": features(5, 3, 0, 1),
		"feature 1 of":   {{0, 0}, {0, float32(math.NaN())}},
	} {
		if _, err := Frechet(good, bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, _, err := PrecisionRecall(good, good, 5); err == nil || !strings.Contains(err.Error(), "k is 5") {
		t.Errorf("error %v", err)
	}
}

func TestEntropy(t *testing.T) {
	for _, c := range []struct {
		labels []int
		want   float64
	}{
		{[]int{0, 1, 2, 3}, math.Log(4)},
		{[]int{2, 2, 2}, 0},
		{[]int{0, 0, 0, 1}, 0.5623351446188083}, // scipy.stats.entropy([3, 1])
	} {
		counts, err := ClassCounts(c.labels, 4)
		if err != nil {
			t.Fatal(err)
		}
		if got := Entropy(counts); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v: %g, want %g", c.labels, got, c.want)
		}
	}
	if _, err := ClassCounts([]int{4}, 4); err == nil {
		t.Error("no error for a label past the classes")
	}
}
