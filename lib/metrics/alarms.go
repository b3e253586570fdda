package metrics

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Alarms are what was said of one experiment in time, row by row, and what is true.
type Alarms struct {
	Times       []time.Time
	Anomaly     []bool // what is true of the row
	Changepoint []bool // where it is true that something changed
	Predicted   []bool // that the row is anomalous
}

// Outliers is how well rows were told, all experiments together, as the Skoltech Anomaly Benchmark has it.
type Outliers struct {
	F1          float64
	FalseAlarms float64 // of the normal rows, in per cent (FAR)
	Missed      float64 // of the anomalous rows, in per cent (MAR)
}

// MeasureOutliers counts the rows of experiments.
func MeasureOutliers(experiments []Alarms) (Outliers, error) {
	var truly, falsely, missed, normal float64
	for i, e := range experiments {
		if err := e.check(); err != nil {
			return Outliers{}, fmt.Errorf("experiment %d: %w", i+1, err)
		}
		for row, predicted := range e.Predicted {
			switch {
			case predicted && e.Anomaly[row]:
				truly++
			case predicted:
				falsely++
			case e.Anomaly[row]:
				missed++
			default:
				normal++
			}
		}
	}
	if truly+missed == 0 || falsely+normal == 0 {
		return Outliers{}, fmt.Errorf("metrics: %g rows are anomalous and %g normal: there must be some of each", truly+missed, falsely+normal)
	}
	return Outliers{truly / (truly + (falsely+missed)/2), 100 * falsely / (falsely + normal), 100 * missed / (missed + truly)}, nil
}

// Changes is how well changes were found, all experiments together: the Numenta Anomaly Benchmark's score as the Skoltech Anomaly Benchmark computes
// it, 100 for who finds each change at once and raises no false alarm, 0 for who says nothing. The alarms meant are the rows at which what is
// predicted changes.
type Changes struct {
	Standard, LowFalse, LowMissed float64 // three weights of false alarms and missed changes
	Missed, FalseAlarms, True     int
	Delay                         time.Duration // from a change to its alarm, on average over those found
}

// profiles weigh a false alarm and a missed change, against 1 for one found at once: standard, few false alarms, few missed.
var profiles = [3]struct{ falsely, missed float64 }{{-0.11, -1}, {-0.22, -1}, {-0.11, -2}}

// MeasureChanges looks for an alarm in the time of length width from each change on; later changes' time begins where the one before ends.
func MeasureChanges(experiments []Alarms, width time.Duration) (Changes, error) {
	if width <= 0 {
		return Changes{}, fmt.Errorf("metrics: width is %v: it must be positive", width)
	}
	var c Changes
	var scores [3]float64
	var delays time.Duration
	found := 0
	for i, e := range experiments {
		if err := e.check(); err != nil {
			return Changes{}, fmt.Errorf("experiment %d: %w", i+1, err)
		}
		spans, alarms := e.spans(width), e.alarms()
		c.True += len(spans)
		for _, s := range spans {
			first := time.Time{}
			for _, a := range alarms {
				if !a.Before(s.from) && !a.After(s.to) {
					first = a
					break
				}
			}
			if first.IsZero() {
				c.Missed++
				continue
			}
			found++
			delays += first.Sub(s.from)
			for p, weight := range profiles {
				scores[p] += worth(float64(first.Sub(s.from))/float64(s.to.Sub(s.from)), weight.falsely)
			}
		}
		outside := len(alarms)
		for _, a := range alarms {
			if slices.ContainsFunc(spans, func(s span) bool { return !a.Before(s.from) && !a.After(s.to) }) {
				outside--
			}
		}
		c.FalseAlarms += outside
	}
	if c.True == 0 {
		return Changes{}, fmt.Errorf("metrics: nothing changes in %d experiments: there must be a change", len(experiments))
	}
	for p, into := range []*float64{&c.Standard, &c.LowFalse, &c.LowMissed} {
		w, n := profiles[p], float64(c.True)
		score := scores[p] + w.falsely*float64(c.FalseAlarms) + w.missed*float64(c.Missed)
		*into = 100 * (score - w.missed*n) / (n - w.missed*n)
	}
	if found > 0 {
		c.Delay = delays / time.Duration(found)
	}
	return c, nil
}

// worth is that of an alarm after a part of a change's time: 1 at its beginning, falsely at its end, by a hyperbolic tangent in 1000 steps.
func worth(part, falsely float64) float64 {
	const steps = 1000
	step := min(int(part*steps), steps-1)
	x := -math.Pi/2 + math.Pi*float64(step)/(steps-1)
	return (1-falsely)/2*(1-math.Tanh(x)/math.Tanh(math.Pi/2)) + falsely
}

// span is a time, both ends included.
type span struct{ from, to time.Time }

func (a Alarms) spans(width time.Duration) []span {
	var list []span
	for i, t := range a.Times {
		if !a.Changepoint[i] {
			continue
		}
		s := span{t, t.Add(width)}
		if n := len(list); n > 0 && !list[n-1].to.Before(s.from) {
			s.from = list[n-1].to
		}
		list = append(list, s)
	}
	return list
}

// alarms are the times at which what is predicted changes.
func (a Alarms) alarms() []time.Time {
	var list []time.Time
	before := false
	for i, p := range a.Predicted {
		if p != before {
			list = append(list, a.Times[i])
		}
		before = p
	}
	return list
}

func (a Alarms) check() error {
	n := len(a.Times)
	if len(a.Anomaly) != n || len(a.Changepoint) != n || len(a.Predicted) != n {
		return fmt.Errorf("metrics: there are %d times, %d anomalies, %d changes and %d predictions: there must be as many", n, len(a.Anomaly), len(a.Changepoint), len(a.Predicted))
	}
	for i := 1; i < n; i++ {
		if a.Times[i].Before(a.Times[i-1]) {
			return fmt.Errorf("metrics: row %d is of %v, before the row above it: times must not fall", i+1, a.Times[i])
		}
	}
	return nil
}
