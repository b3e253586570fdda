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
	Notes  []string    // what was done to the source to read it, for people
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
	out := Series{Name: s.Name, Values: s.Values[from:to], Notes: s.Notes}
	if s.Times != nil {
		out.Times = s.Times[from:to]
	}
	return out
}

// Map returns the series with f applied to each value: math.Log, say. Missing values stay missing.
func (s Series) Map(f func(float64) float64) Series {
	out := Series{Name: s.Name, Times: s.Times, Notes: s.Notes, Values: make([]float64, len(s.Values))}
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
	out := Series{Name: s.Name, Notes: s.Notes, Times: make([]time.Time, last-first+1), Values: make([]float64, last-first+1)}
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
