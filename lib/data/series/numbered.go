package series

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// epoch is how many of a column's units a second has, if its numbers may count from 1970: 1, 1e3, 1e6 or 1e9; 0 is no such.
func (t *Table) epoch(at int) float64 {
	largest := 0.0
	for _, row := range t.rows {
		v, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			return 0
		}
		largest = max(largest, math.Abs(v))
	}
	for i, most := range []float64{1e11, 1e14, 1e17, 1e20} {
		if largest < most {
			if i == 0 && largest < 1e8 { // 1973: smaller numbers count something else
				return 0
			}
			return math.Pow10(3 * i)
		}
	}
	return 0
}

// numbered reads a column of numbers whose name speaks of time: seconds or parts of them since 1970, or else numbers of the rows, which must rise by
// even steps.
func (t *Table) numbered(at int) (times []time.Time, note string, err error) {
	cells, values := make([]string, len(t.rows)), make([]float64, len(t.rows))
	for i, row := range t.rows {
		cells[i] = row[at]
	}
	for i, cell := range cells {
		if values[i], err = strconv.ParseFloat(cell, 64); err != nil {
			return nil, "", nil
		}
	}
	if unit := t.epoch(at); unit > 0 {
		for _, v := range values {
			second := math.Floor(v / unit)
			times = append(times, time.Unix(int64(second), int64(math.Round((v-second*unit)*1e9/unit))).UTC())
		}
		return times, "", nil
	}
	if i := uneven(values, cells); i >= 0 {
		hint := ""
		if values[i] > 20_000 && values[i] < 60_000 {
			hint = ", but may be a spreadsheet's number of days: save the column in a format of dates"
		}
		return nil, "", fmt.Errorf("%s: %s is no date%s, and no even step after %s: mend the column, add what is missing with empty values, or take the rows as evenly "+
			"spaced with --date-format none", t.at(i, at), cells[i], hint, cells[i-1])
	}
	return nil, fmt.Sprintf("column %q numbers the rows and holds no dates: steps are counted", t.Columns[at]), nil
}

// uneven is the place of the first number that is no even step after the one before, but for rounding to the digits of its cell; -1 is none.
func uneven(values []float64, cells []string) int {
	rounding := 0.0 // a unit of the last digit
	steps := make([]float64, 0, len(values))
	for i, cell := range cells {
		if _, decimals, ok := strings.Cut(cell, "."); ok {
			rounding = max(rounding, math.Pow10(-len(decimals)))
		}
		if i > 0 {
			steps = append(steps, values[i]-values[i-1])
		}
	}
	if len(steps) == 0 {
		return -1
	}
	mean := (values[len(values)-1] - values[0]) / float64(len(steps))
	straight := mean != 0
	for i, v := range values {
		straight = straight && math.Abs(v-values[0]-float64(i)*mean) <= rounding+1e-9*math.Abs(v)
	}
	if straight {
		return -1
	}
	usual := slices.Sorted(slices.Values(steps))[len(steps)/2]
	for i, step := range steps {
		if usual == 0 || math.Abs(step-usual) > 2*rounding+1e-9*math.Abs(values[i]) {
			return i + 1
		}
	}
	return len(values) - 1
}
