package metrics

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// classified is testdata/balanced.json: what scikit-learn 1.9.1 and SciPy 1.17.1 say.
type classified struct {
	Classes, Told  []int
	Probabilities  [][]float32
	Balanced, Area float64
	Values         []float64
	Mean, Half     float64
}

func readClassified(t *testing.T) classified {
	t.Helper()
	raw, err := os.ReadFile("testdata/balanced.json")
	if err != nil {
		t.Fatal(err)
	}
	var g classified
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestBalancedAccuracy(t *testing.T) {
	g := readClassified(t)
	if got, err := BalancedAccuracy(g.Told, g.Classes); err != nil || math.Abs(got-g.Balanced) > 1e-12 {
		t.Errorf("%v, scikit-learn's is %v; error %v", got, g.Balanced, err)
	}
	for want, c := range map[string][2][]int{"0 classes were told": {nil, nil}, "a class is -1": {{0}, {-1}}} {
		if _, err := BalancedAccuracy(c[0], c[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestClassesROCAUC(t *testing.T) {
	g := readClassified(t)
	if got, err := ClassesROCAUC(g.Probabilities, g.Classes); err != nil || math.Abs(got-g.Area) > 1e-12 {
		t.Errorf("%v, scikit-learn's is %v; error %v", got, g.Area, err)
	}
	for want, c := range map[string]struct {
		p       [][]float32
		classes []int
	}{
		"there are 1 classes for 0 examples":                               {nil, []int{1}},
		"example 1 has 1 probabilities":                                    {[][]float32{{0, 1}, {1}}, []int{0, 1}},
		"2 of 2 labels are true: there must be some of each sort: class 0": {[][]float32{{0, 1}, {1, 0}}, []int{0, 0}},
	} {
		if _, err := ClassesROCAUC(c.p, c.classes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
