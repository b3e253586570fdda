package series

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clocks adds the times of the day in a column to days; nil where the column holds something else.
func (t *Table) clocks(at int, days []time.Time) ([]time.Time, error) {
	times, n, bad := slices.Clone(days), 0, -1
	for i, row := range t.rows {
		s := cut(row[at])
		if s.bad || s.day != "" {
			if bad < 0 {
				bad = i
			}
			continue
		}
		n++
		times[i] = time.Date(days[i].Year(), days[i].Month(), days[i].Day(), 0, 0, 0, 0, s.zone).Add(s.clock)
	}
	switch {
	case bad < 0:
		return times, nil
	case 2*n > len(days):
		return nil, fmt.Errorf("%s: %q is no time of the day, as %d of %d rows have%s", t.at(bad, at), t.rows[bad][at], n, len(days), t.last(bad))
	}
	return nil, nil
}

// parts finds dates in columns of their parts: a year with a month, a quarter or a week, and perhaps a day.
func (t *Table) parts(exclude int) (dating, error) {
	year := t.named(exclude, "year", "yr", "yyyy", "jahr", "calendaryear", "refyear")
	if year < 0 {
		return dating{}, nil
	}
	month := t.named(exclude, "month", "mon", "mm", "monat", "monthname", "refmonth", "mo")
	quart := t.named(exclude, "quarter", "qtr", "q", "quartal")
	wk := t.named(exclude, "week", "wk", "isoweek", "weeknumber", "weekno")
	period := t.named(exclude, "period")
	day := t.named(exclude, "day", "dd", "dayofmonth", "tag", "dy")
	if period >= 0 && month < 0 && quart < 0 && t.kind(period) == isText { // M01 to M12, Q01 to Q04
		if c := strings.ToUpper(t.rows[0][period] + " ")[0]; c == 'Q' {
			quart = period
		} else {
			month = period
		}
	}
	d := dating{}
	switch {
	case month >= 0:
		d.columns = []int{year, month}
		if day >= 0 {
			d.columns = append(d.columns, day)
		}
	case quart >= 0:
		d.columns = []int{year, quart}
	case wk >= 0:
		d.columns = []int{year, wk}
	default:
		return dating{}, nil
	}
	// A column of whole dates beside them, year-month-day or the like, says it all.
	if slices.ContainsFunc(d.columns, func(at int) bool { return t.kind(at) == isDate }) {
		return dating{}, nil
	}
	for i, row := range t.rows {
		no := func(at int, what string) error {
			return fmt.Errorf("%s: %q is no %s%s: mend it, or take the rows as evenly spaced with --date-format none", t.at(i, at), row[at], what, t.last(i))
		}
		y, ok := whole64(row[year])
		if !ok || y < 1000 || y > 2999 {
			return d, no(year, "year of four digits")
		}
		second := row[d.columns[1]]
		n, ok := whole64(strings.TrimLeft(second, "MmQqWwTt"))
		switch d.columns[1] {
		case month:
			if named, err := time.Parse("Jan", inEnglish(second)); err == nil {
				n, ok = int(named.Month()), true
			}
			if !ok || n < 1 || n > 12 {
				return d, no(month, "month, 1 to 12 or a name")
			}
			v := date(y, time.Month(n), 1)
			if len(d.columns) == 3 {
				k, ok := whole64(row[day])
				if v = date(y, time.Month(n), k); !ok || v.Day() != k {
					return d, no(day, "day of the month")
				}
			}
			d.times = append(d.times, v)
		case quart:
			if v, read := quarter(second); read { // 2018Q1 beside the year
				y, n, ok = v.Year(), (int(v.Month())+2)/3, true
			}
			if !ok || n < 1 || n > 4 {
				return d, no(quart, "quarter, 1 to 4")
			}
			d.times = append(d.times, date(y, time.Month(3*n-2), 1))
		default:
			v, ok := week(fmt.Sprintf("%d-W%d", y, n))
			if !ok {
				return d, no(wk, "week of that year")
			}
			d.times = append(d.times, v)
		}
	}
	clock := t.named(exclude, "time", "clock")
	if clock >= 0 {
		times, err := t.clocks(clock, d.times)
		if err != nil {
			return d, err
		}
		if times != nil {
			d.columns, d.times = append(d.columns, clock), times
		}
	}
	if hour := t.named(exclude, "hour", "hr", "hh"); hour >= 0 && len(d.columns) >= 3 {
		d.columns = append(d.columns, hour)
		for i, row := range t.rows {
			h, ok := whole64(row[hour])
			if !ok || h < 0 || h > 24 {
				return d, fmt.Errorf("%s: %q is no hour of the day, 0 to 24", t.at(i, hour), row[hour])
			}
			d.times[i] = d.times[i].Add(time.Duration(h) * time.Hour)
		}
	}
	return d, nil
}

// whole64 reads a whole number, 3 or 3.0.
func whole64(cell string) (int, bool) {
	v, err := strconv.ParseFloat(cell, 64)
	return int(v), err == nil && v == math.Trunc(v) && math.Abs(v) < 1e9
}
