package series

import (
	"fmt"
	"math"
	"time"
)

// Series is one variable observed over time.
type Series struct {
	Name   string
	Times  []time.Time // one a value, rising; nil when the source has no dates
	Values []float64   // NaN where an observation is missing
}

// Missing counts the values that are not there.
func (s Series) Missing() int {
	var n int
	for _, v := range s.Values {
		if math.IsNaN(v) {
			n++
		}
	}
	return n
}

// Slice returns the observations from one position up to, not including, another. It shares memory with s.
func (s Series) Slice(from, to int) Series {
	out := Series{Name: s.Name, Values: s.Values[from:to]}
	if s.Times != nil {
		out.Times = s.Times[from:to]
	}
	return out
}

// Map returns the series with f applied to each value: math.Log, say. Missing values stay missing.
func (s Series) Map(f func(float64) float64) Series {
	out := Series{Name: s.Name, Times: s.Times, Values: make([]float64, len(s.Values))}
	for i, v := range s.Values {
		out.Values[i] = v
		if !math.IsNaN(v) {
			out.Values[i] = f(v)
		}
	}
	return out
}

// Monthly returns the mean of each calendar month, NaN for a month with no observation.
func (s Series) Monthly() (Series, error) {
	if len(s.Times) == 0 {
		return Series{}, fmt.Errorf("series %q has no dates, so it has no months", s.Name)
	}
	month := func(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }
	first, last := month(s.Times[0]), month(s.Times[len(s.Times)-1])
	out := Series{Name: s.Name, Times: make([]time.Time, last-first+1), Values: make([]float64, last-first+1)}
	count := make([]int, last-first+1)
	for i, t := range s.Times {
		if !math.IsNaN(s.Values[i]) {
			out.Values[month(t)-first] += s.Values[i]
			count[month(t)-first]++
		}
	}
	for i := range out.Values {
		m := first + i
		out.Times[i] = time.Date(m/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC)
		if count[i] == 0 {
			out.Values[i] = math.NaN()
		} else {
			out.Values[i] /= float64(count[i])
		}
	}
	return out, nil
}

// Step is the distance between two observations: some months, or else a duration.
type Step struct {
	Months   int
	Duration time.Duration
}

// Add returns the time n steps after t.
func (s Step) Add(t time.Time, n int) time.Time {
	if s.Months > 0 {
		return t.AddDate(0, n*s.Months, 0)
	}
	return t.Add(time.Duration(n) * s.Duration)
}

// Step finds the distance between the observations. Dates that are not evenly spaced are an error that says where:
// a model of a regular series would take the gap for one step.
func (s Series) Step() (Step, error) {
	if len(s.Times) < 2 {
		return Step{}, fmt.Errorf("series %q has %d dates: a step takes two", s.Name, len(s.Times))
	}
	a, b := s.Times[0], s.Times[1]
	step := Step{Duration: b.Sub(a)}
	if months := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month()); months > 0 && a.AddDate(0, months, 0).Equal(b) {
		step = Step{Months: months}
	}
	for i, t := range s.Times {
		if want := step.Add(a, i); !want.Equal(t) {
			return Step{}, fmt.Errorf("series %q: observation %d is of %s, where even steps would have %s",
				s.Name, i+1, t.Format(time.DateOnly), want.Format(time.DateOnly))
		}
	}
	return step, nil
}

// Future returns the times of the n observations that would follow.
func (s Series) Future(n int) ([]time.Time, error) {
	step, err := s.Step()
	if err != nil {
		return nil, err
	}
	out := make([]time.Time, n)
	for i := range out {
		out[i] = step.Add(s.Times[0], len(s.Times)+i)
	}
	return out, nil
}
