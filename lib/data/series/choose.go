package series

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// cutCell takes a cell apart: 2018 of 2018.0 too, as pandas writes whole numbers beside missing ones.
func cutCell(cell string) stamp { return cut(wholeYear.ReplaceAllString(cell, "$1")) }

// cut takes a column's cells apart, once.
func (t *Table) cut(at int) []stamp {
	if stamps, ok := t.stamps[at]; ok {
		return stamps
	}
	stamps := make([]stamp, len(t.rows))
	for i, row := range t.rows {
		stamps[i] = cutCell(row[at])
	}
	if t.stamps == nil {
		t.stamps = map[int][]stamp{}
	}
	t.stamps[at] = stamps
	return stamps
}

// readDates reads all cells of a column, which decides among the readings. Times are nil where the column numbers the rows.
func (t *Table) readDates(at int, name meaning) (times []time.Time, note string, err error) {
	out := func(i int, what string) error {
		cell := t.rows[i][at]
		if cell == "" {
			cell = "an empty cell"
		} else {
			cell = strconv.Quote(cell)
		}
		advice := ": mend it, or say how dates are written with --date-format (none: rows without dates)"
		if last := t.last(i); last != "" {
			advice = last
		}
		return fmt.Errorf("%s: %s doesn't read as a date%s%s", t.at(i, at), cell, what, advice)
	}
	if t.DateFormat != "" {
		given, err := t.given()
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", t.Name, err)
		}
		for i, row := range t.rows {
			v, ok := given(row[at])
			if !ok {
				return nil, "", out(i, " written "+t.DateFormat)
			}
			times = append(times, v)
		}
		return times, "", nil
	}
	stamps := t.cut(at)
	var possible []reading
	for _, r := range readings {
		if t.may(r, at, name) {
			possible = append(possible, r)
		}
	}
	var full []candidate
	for _, r := range possible {
		times := make([]time.Time, 0, len(stamps))
		for _, s := range stamps {
			v, ok := r.time(s)
			if !ok {
				break
			}
			times = append(times, v)
		}
		if len(times) == len(stamps) {
			full = append(full, candidate{r, times})
		}
		if len(full) == 1 && !r.order {
			break // others of its kind would say the same
		}
	}
	if len(full) > 0 {
		times, err := t.choose(full, at)
		return times, "", err
	}
	// None fits: name the first cell that doesn't read as most of them do.
	var best reading
	most, bad := 0, 0
	for _, r := range possible {
		n, first := 0, -1
		for i, s := range stamps {
			if _, ok := r.time(s); ok {
				n++
			} else if first < 0 {
				first = i
			}
		}
		if n > most {
			best, most, bad = r, n, first
		}
	}
	if most == 0 || best.plain {
		if times, note, err := t.numbered(at); err != nil || times != nil || note != "" {
			return times, note, err
		}
	}
	if most == 0 {
		return nil, "", out(slices.IndexFunc(t.rows, func(row []string) bool { return !missing(row[at]) }), "")
	}
	return nil, "", out(bad, fmt.Sprintf(", as %d of %d rows do (%s)", most, len(stamps), best.name))
}

var wholeYear = regexp.MustCompile(`^(\d+)\.0*$`)

// candidate is a reading that fits a whole column.
type candidate struct {
	reading
	times []time.Time
}

// choose takes the reading of a column that has several. Between orders of day, month and year the column may tell: only one gives rising or
// falling dates, or only one leaves few gaps.
func (t *Table) choose(full []candidate, at int) ([]time.Time, error) {
	if !full[0].order {
		return full[0].times, nil
	}
	var left []candidate
	for _, c := range full {
		if c.order && !slices.ContainsFunc(left, func(o candidate) bool { return slices.EqualFunc(o.times, c.times, time.Time.Equal) }) {
			left = append(left, c)
		}
	}
	if sorted := slices.DeleteFunc(slices.Clone(left), func(c candidate) bool { return !monotone(c.times) }); len(sorted) > 0 {
		left = sorted
	}
	if len(left) > 1 {
		var dense []candidate
		for _, c := range left {
			if coverage(c.times) > 0.5 {
				dense = append(dense, c)
			}
		}
		if len(dense) == 1 {
			left = dense
		}
	}
	if len(left) > 1 {
		return nil, fmt.Errorf("%s: %q may be %s (%s) or %s (%s), and so may the other dates: say which with --date-format %s",
			t.at(0, at), t.rows[0][at], left[0].times[0].Format(time.DateOnly), left[0].name, left[1].times[0].Format(time.DateOnly), left[1].name, left[0].name)
	}
	return left[0].times, nil
}

func monotone(times []time.Time) bool {
	up, down := true, true
	for i := 1; i < len(times); i++ {
		up = up && times[i].After(times[i-1])
		down = down && times[i].Before(times[i-1])
	}
	return up || down
}

// coverage is the share of a calendar's dates that are there.
func coverage(times []time.Time) float64 {
	times = slices.SortedFunc(slices.Values(times), time.Time.Compare)
	c, _ := bestCalendar(times)
	if c.at == nil {
		return 0
	}
	first, ok1 := c.at(times[0])
	last, ok2 := c.at(times[len(times)-1])
	if !ok1 || !ok2 || last <= first {
		return 0
	}
	return float64(len(times)) / float64(last-first+1)
}
