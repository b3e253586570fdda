package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a mean and how far it may be off.
type Interval struct{ Mean, Half float64 }

// Confidence is the mean of values, such as one figure by several seeds, and half of its 95 % interval by Student's t.
func Confidence(values []float64) (Interval, error) {
	if len(values) < 2 {
		return Interval{}, fmt.Errorf("metrics: there are %d values: there must be at least 2", len(values))
	}
	n := float64(len(values))
	mean, deviation := stat.MeanStdDev(values, nil)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
	return Interval{mean, t * deviation / math.Sqrt(n)}, nil
}

// String is mean ± half.
func (i Interval) String() string { return fmt.Sprintf("%.4f ± %.4f", i.Mean, i.Half) }
