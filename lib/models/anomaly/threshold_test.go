package anomaly

import (
	"math"
	"strings"
	"testing"
)

// TestThreshold compares peaks over threshold with scipy 1.17.1: the most likely genpareto of the excesses, by Nelder and Mead, and its ppf.
func TestThreshold(t *testing.T) {
	for name, c := range map[string]struct {
		score func(u float64) float64
		want  float64
	}{
		"exponential": {func(u float64) float64 { return -math.Log1p(-u) }, 6.585394773769074},
		"heavy":       {func(u float64) float64 { return 1/math.Sqrt(1-u) - 1 }, 27.594817831329536},
		"bounded":     {func(u float64) float64 { return 1 - math.Pow(1-u, 0.3) }, 0.8561640972058033},
	} {
		scores := make([]float64, 400)
		for i := range scores {
			scores[i] = c.score((float64(i) + 0.5) / 400)
		}
		got, err := Alarm{Rule: "pot", Quantile: 0.9, Risk: 1e-3}.Threshold(scores)
		if err != nil || math.Abs(got-c.want) > 1e-5*c.want {
			t.Errorf("%s: the threshold is %.12g, scipy's %.12g: %v", name, got, c.want, err)
		}
	}
	if got, err := (Alarm{Rule: "quantile", Quantile: 0.5, Margin: 2}).Threshold([]float64{3, 1, 2}); err != nil || got != 4 {
		t.Errorf("twice the median is %g: %v", got, err)
	}
}

func TestThresholdRefuses(t *testing.T) {
	for want, a := range map[string]Alarm{
		`rule is "mean"`:                  {Rule: "mean", Quantile: 0.5},
		"quantile is 0: it must be":       {Rule: "quantile"},
		"margin is -1":                    {Rule: "quantile", Quantile: 1, Margin: -1},
		"risk is 0.2: it must be above 0": {Rule: "pot", Quantile: 0.9, Risk: 0.2},
		"0 normal scores are above":       {Rule: "pot", Quantile: 0.9, Risk: 0.01},
	} {
		if _, err := a.Threshold([]float64{1, 1, 1}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", a, err, want)
		}
	}
	if _, err := Recipe().Alarm.Threshold(nil); err == nil || !strings.Contains(err.Error(), "no normal scores") {
		t.Errorf("no scores: %v", err)
	}
}
