package viz

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// linearTicks labels the multiples of 1, 2 or 5 times a power of ten that give five to ten labels:
// gonum's own steps may start anywhere and leave two or three.
type linearTicks struct{}

func (linearTicks) Ticks(low, high float64) []plot.Tick {
	span := high - low
	if !(span > 0) || math.IsInf(span, 0) {
		return []plot.Tick{{Value: low, Label: axisText(low)}}
	}
	unit := math.Pow(10, math.Floor(math.Log10(span/5)))
	step := unit
	for _, m := range []float64{1, 2, 5} {
		if step = m * unit; span/step <= 10 {
			break
		}
	}
	var ticks []plot.Tick
	for i := math.Ceil(low / step); i*step <= high && len(ticks) < 12; i++ { // a count, as i++ stands still above 2^53
		ticks = append(ticks, plot.Tick{Value: i * step, Label: axisText(i * step)})
	}
	return ticks
}

// logTicks labels 1, 2 and 5 of each decade, or 1 alone where there are many, or round steps within one decade.
type logTicks struct{}

func (logTicks) Ticks(low, high float64) []plot.Tick {
	first, last := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	var ticks []plot.Tick
	labels := 0
	for e := first; e <= last; e++ {
		for m := 1.; m < 10; m++ {
			t := plot.Tick{Value: m * math.Pow(10, e)}
			if t.Value < low || t.Value > high {
				continue
			}
			if m == 1 && (last-first <= 8 || int(e)%3 == 0) || (m == 2 || m == 5) && last-first <= 3 {
				t.Label = axisText(t.Value)
				labels++
			}
			ticks = append(ticks, t)
		}
	}
	if labels < 3 {
		return linearTicks{}.Ticks(low, high)
	}
	return ticks
}

// axisText writes a number with six significant digits and a true minus sign.
func axisText(v float64) string {
	s := strconv.FormatFloat(v+0, 'g', 6, 64) // + 0 makes -0 plain
	if s[0] == '-' {
		return "−" + s[1:]
	}
	return s
}
