package metrics

import (
	"fmt"
	"math"
	"slices"
)

// Detection is how well scores tell two sorts of examples apart, whatever the threshold.
type Detection struct {
	// ROCAUC is the probability that one that is meant has the higher score than one that isn't; equal scores count half.
	ROCAUC float64
	// AveragePrecision is the sum over thresholds of precision times the recall that each adds, without interpolation, as scikit-learn has it.
	AveragePrecision float64
}

// Detect measures scores: meant says which examples are those that should score high. Both sorts must be there.
func Detect(meant []bool, scores []float64) (Detection, error) {
	steps, positives, err := thresholds(meant, scores)
	if err != nil {
		return Detection{}, err
	}
	var d Detection
	negatives := float64(len(meant)) - positives
	for i, at := range steps[1:] {
		before := steps[i]
		d.ROCAUC += (at.falsely - before.falsely) / negatives * (at.truly + before.truly) / 2 / positives
		d.AveragePrecision += (at.truly - before.truly) / positives * at.truly / (at.truly + at.falsely)
	}
	return d, nil
}

// Curve is what a threshold can reach: a point for each different score, from the threshold that nothing reaches to the one that all do.
type Curve struct {
	Threshold               []float64 // +Inf first
	FalseAlarms, Recall     []float64 // parts of the examples that aren't meant, and of those that are
	Precision               []float64 // 1 at the first point
	BestF1, BestF1Threshold float64   // the largest F1, and where: known only to who knows what is meant
}

// Curves are the points of the ROC and of the precision-recall curve.
func Curves(meant []bool, scores []float64) (Curve, error) {
	steps, positives, err := thresholds(meant, scores)
	if err != nil {
		return Curve{}, err
	}
	var c Curve
	negatives := float64(len(meant)) - positives
	for _, s := range steps {
		precision := 1.0
		if s.truly+s.falsely > 0 {
			precision = s.truly / (s.truly + s.falsely)
		}
		c.Threshold = append(c.Threshold, s.threshold)
		c.FalseAlarms, c.Recall = append(c.FalseAlarms, s.falsely/negatives), append(c.Recall, s.truly/positives)
		c.Precision = append(c.Precision, precision)
		if f1 := 2 * s.truly / (s.truly + s.falsely + positives); f1 > c.BestF1 {
			c.BestF1, c.BestF1Threshold = f1, s.threshold
		}
	}
	return c, nil
}

// threshold is how many of each sort score at least so much.
type threshold struct{ threshold, truly, falsely float64 }

// thresholds lists the different scores, falling, after one that nothing reaches.
func thresholds(meant []bool, scores []float64) (list []threshold, positives float64, err error) {
	if len(meant) != len(scores) {
		return nil, 0, fmt.Errorf("metrics: there are %d labels and %d scores: there must be as many", len(meant), len(scores))
	}
	order := make([]int, len(scores))
	for i, s := range scores {
		if order[i] = i; math.IsNaN(s) {
			return nil, 0, fmt.Errorf("metrics: score %d is NaN: it must be a number", i)
		}
		if meant[i] {
			positives++
		}
	}
	if positives == 0 || positives == float64(len(meant)) {
		return nil, 0, fmt.Errorf("metrics: %g of %d labels are true: there must be some of each sort", positives, len(meant))
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	at := threshold{threshold: math.Inf(1)}
	for k, i := range order {
		if k == 0 || scores[i] != at.threshold {
			list = append(list, at)
			at.threshold = scores[i]
		}
		if meant[i] {
			at.truly++
		} else {
			at.falsely++
		}
	}
	return append(list, at), positives, nil
}
