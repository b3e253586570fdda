package series

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// calendar numbers the dates of even steps: the ends of months, say, or business days.
type calendar struct {
	name string
	at   func(time.Time) (int, bool) // the number of a date, false for one that isn't on the calendar
	time func(n int) time.Time
}

// wall is what the clocks of a time's zone show, as if in UTC: local midnights are a day apart there, whatever daylight saving does.
func wall(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

func midnight(t time.Time) time.Time { return date(t.Year(), t.Month(), t.Day()) }

// dayNumber counts days, which Unix time in UTC makes equally long.
func dayNumber(t time.Time) int { return int(midnight(t).Unix() / 86400) }

func monthNumber(t time.Time) int { return 12*t.Year() + int(t.Month()) - 1 }

// daysIn is the number of days of a month, counted from year 0.
func daysIn(month int) int { return date(0, time.Month(month+2), 0).Day() }

// monthly is the calendar of every k-th month on the day that a rule gives for a month, counted from year 0.
func monthly(name string, first time.Time, k int, day func(month int) int) calendar {
	clock := first.Sub(midnight(first))
	start := monthNumber(first)
	return calendar{
		name: fmt.Sprintf("%s of every %s", name, count(k, "month")),
		at: func(t time.Time) (int, bool) {
			n := monthNumber(t)
			return (n - start) / k, (n-start)%k == 0 && t.Day() == day(n) && t.Sub(midnight(t)) == clock
		},
		time: func(n int) time.Time {
			month := start + n*k
			return date(0, time.Month(month+1), day(month)).Add(clock)
		},
	}
}

func count(n int, what string) string {
	if n == 1 {
		return what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// weekday is that of a month's day.
func weekday(month, day int) time.Weekday { return date(0, time.Month(month+1), day).Weekday() }

// monthlies are the calendars by months that a date may begin.
func monthlies(first time.Time, k int, days []int) []calendar {
	var out []calendar
	fixed := func(d int) {
		name := fmt.Sprintf("day %d", d)
		if d == 31 {
			name = "the last day"
		}
		out = append(out, monthly(name, first, k, func(month int) int { return min(d, daysIn(month)) }))
	}
	if slices.Max(days) >= 28 {
		fixed(31)
		fixed(slices.Max(days))
	}
	if d := mode(days); !slices.Contains([]int{31, slices.Max(days)}, d) || d < 28 {
		fixed(d)
	}
	out = append(out, monthly("the last business day", first, k, func(month int) int {
		d := daysIn(month)
		for weekend(weekday(month, d)) {
			d--
		}
		return d
	}), monthly("the first business day", first, k, func(month int) int {
		d := 1
		for weekend(weekday(month, d)) {
			d++
		}
		return d
	}))
	of, nth := first.Weekday(), (first.Day()-1)/7
	out = append(out, monthly(fmt.Sprintf("%s no. %d", of, nth+1), first, k, func(month int) int {
		return 1 + (int(of)-int(weekday(month, 1))+7)%7 + 7*nth // beyond the end of some months, where nth is the fifth
	}), monthly("the last "+of.String(), first, k, func(month int) int {
		d := daysIn(month)
		return d - (int(weekday(month, d))-int(of)+7)%7
	}))
	return out
}

func weekend(d time.Weekday) bool { return d == time.Saturday || d == time.Sunday }

// daily is the calendar of every k-th day.
func daily(first time.Time, k int) calendar {
	clock, start := first.Sub(midnight(first)), dayNumber(first)
	return calendar{
		name: count(k, "day"),
		at: func(t time.Time) (int, bool) {
			n := dayNumber(t) - start
			return n / k, n%k == 0 && t.Sub(midnight(t)) == clock
		},
		time: func(n int) time.Time { return midnight(first).AddDate(0, 0, n*k).Add(clock) },
	}
}

// weekdays is the calendar of some days of the week.
func weekdays(name string, first time.Time, on [7]bool) calendar {
	clock := first.Sub(midnight(first))
	var days []int // from Monday on
	for i := range 7 {
		if on[(i+1)%7] {
			days = append(days, i)
		}
	}
	index := func(t time.Time) (int, bool) {
		monday := dayNumber(t) - (int(t.Weekday())+6)%7
		place := slices.Index(days, dayNumber(t)-monday)
		return (monday+3)/7*len(days) + place, place >= 0 && t.Sub(midnight(t)) == clock // 1970-01-05, day 4, was a Monday
	}
	start, _ := index(first)
	return calendar{
		name: name,
		at: func(t time.Time) (int, bool) {
			n, ok := index(t)
			return n - start, ok
		},
		time: func(n int) time.Time {
			n += start
			w, place := n/len(days), n%len(days)
			if place < 0 {
				w, place = w-1, place+len(days)
			}
			return time.Unix(int64(86400*(7*w-3+days[place])), 0).UTC().Add(clock)
		},
	}
}

// regular is the calendar of equal times between, in a zone.
func regular(first time.Time, step time.Duration, zone *time.Location) calendar {
	return calendar{
		name: step.String(),
		at: func(t time.Time) (int, bool) {
			d := t.Sub(first)
			return int(d / step), d%step == 0
		},
		time: func(n int) time.Time { return first.Add(time.Duration(n) * step).In(zone) },
	}
}

// mode is the number that comes most often, the smallest of such.
func mode(x []int) int {
	times := map[int]int{}
	for _, v := range x {
		times[v]++
	}
	best := x[0]
	for v, n := range times {
		if n > times[best] || n == times[best] && v < best {
			best = v
		}
	}
	return best
}

// calendars are those that rising times may lie on, by clocks on the wall.
func calendars(times []time.Time) []calendar {
	var days, weeks, months, monthSteps []int
	var on [7]bool
	for i, t := range times {
		days = append(days, t.Day())
		on[t.Weekday()] = true
		if i > 0 {
			if d := dayNumber(t) - dayNumber(times[i-1]); d > 0 {
				weeks = append(weeks, d)
			}
			if d := monthNumber(t) - monthNumber(times[i-1]); d > 0 {
				months = append(months, d)
			}
			monthSteps = append(monthSteps, monthNumber(t)-monthNumber(times[i-1]))
		}
	}
	first := times[0]
	var out []calendar
	if len(months) > 0 && 2*len(months) >= len(monthSteps) {
		k := mode(months)
		// The first date may be astray: each of the first ones may begin.
		for _, t := range times[:min(3, len(times))] {
			out = append(out, monthlies(t, k, days)...)
		}
	}
	if len(weeks) > 0 {
		out = append(out, daily(first, mode(weeks)))
	}
	out = append(out, weekdays("business day", first, [7]bool{false, true, true, true, true, true, false}))
	seen := 0
	for _, is := range on {
		if is {
			seen++
		}
	}
	if seen > 1 && seen < 7 && len(times) >= 3*seen {
		out = append(out, weekdays("some days of the week", first, on))
	}
	return out
}

// matches counts the steps of a calendar among those of the times, and finds the first that is none.
func (c calendar) matches(times []time.Time) (n, broken int) {
	broken = -1
	before, ok := c.at(times[0])
	for i := 1; i < len(times); i++ {
		now, on := c.at(times[i])
		if ok && on && now == before+1 {
			n++
		} else if broken < 0 {
			broken = i
		}
		before, ok = now, on
	}
	return n, broken
}

// bestCalendar is the one on which most steps are single ones, the coarsest of such, and its first step that isn't; -1 is none. Times are as
// they were read; the calendar takes walls' and may be of instants too.
func bestCalendar(times []time.Time) (best calendar, broken int) {
	if len(times) < 2 {
		return calendar{}, 0
	}
	walls := make([]time.Time, len(times))
	for i, t := range times {
		walls[i] = wall(t)
	}
	most := -1
	try := func(c calendar, times []time.Time) {
		if n, at := c.matches(times); n > most {
			best, most, broken = c, n, at
		}
	}
	for _, c := range calendars(walls) {
		try(c, walls)
	}
	last := times[len(times)-1].Location()
	in := func(c calendar) calendar { // of wall's clocks, for times
		return calendar{c.name, func(t time.Time) (int, bool) { return c.at(wall(t)) }, func(n int) time.Time {
			w := c.time(n)
			return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), last)
		}}
	}
	best = in(best)
	var steps []int
	for i := 1; i < len(times); i++ {
		steps = append(steps, int(times[i].Sub(times[i-1])))
	}
	if step := mode(steps); step > 0 {
		try(regular(times[0], time.Duration(step), last), times)
	}
	return best, broken
}

// even is the number of single steps on the best calendar.
func even(times []time.Time) int {
	c, _ := bestCalendar(times)
	n, _ := c.matches(times)
	return n
}

// localMidnights are the days that begin at times in UTC, as programs write the midnights of a zone: those with daylight saving are at two
// hours of the day, one apart; nil elsewhere.
func localMidnights(times []time.Time) []time.Time {
	hours := map[int]bool{}
	out := make([]time.Time, len(times))
	for i, t := range times {
		if _, offset := t.Zone(); offset != 0 || t.Sub(midnight(t))%time.Hour != 0 {
			return nil
		}
		hours[t.Hour()] = true
		out[i] = localMidnight(t)
	}
	for h := range hours {
		if len(hours) == 2 && hours[(h+1)%24] {
			return out
		}
	}
	return nil
}

// localMidnight is the date that begins at a time in UTC: 11 hours and more are an evening before, in zones up to 13 hours ahead.
func localMidnight(t time.Time) time.Time {
	if t.Hour() >= 11 {
		return midnight(t).AddDate(0, 0, 1)
	}
	return midnight(t)
}

// Step is the distance between two observations, on the calendar that they share.
type Step struct{ calendar }

// String says what a step is: "the last day of every 3 months", say.
func (s Step) String() string { return s.name }

// Step finds the distance between the observations: equal times, or days, weeks, business days, days of months and their ends, by the
// clocks of their zone. Dates that are not evenly spaced are an error that says where, and what would make them so: a model of a regular
// series would take the gap for one step.
func (s Series) Step() (Step, error) {
	if len(s.Times) < 2 {
		return Step{}, fmt.Errorf("series %q has %d dates: a step takes two", s.Name, len(s.Times))
	}
	c, broken := bestCalendar(s.Times)
	if broken < 0 {
		return Step{c}, nil
	}
	even, _ := c.matches(s.Times)
	before, ok := c.at(s.Times[broken-1])
	now, on := c.at(s.Times[broken])
	if !ok { // the first date itself is astray
		before, on = -1, false
		if now, ok := c.at(s.Times[broken]); ok {
			before = now - 1
		}
	}
	got := fmt.Sprintf("series %q: observation %d is of %s", s.Name, broken+1, label(s.Times[broken]))
	if !ok {
		got = fmt.Sprintf("series %q: observation %d is of %s", s.Name, broken, label(s.Times[broken-1]))
		return Step{}, fmt.Errorf("%s, which is no step of the others (%s): mend the date", got, c.name)
	}
	got += fmt.Sprintf(", where even steps (%s) would have %s", c.name, label(c.time(before+1)))
	switch n := now - before - 1; {
	case on && n > 0 && n < 100*len(s.Times):
		return Step{}, fmt.Errorf("%s: add the %s missing there with an empty value%s", got, count(n, "row"), s.others(c, broken))
	case !on && 2*even > len(s.Times):
		return Step{}, fmt.Errorf("%s: mend the date, or take means of months (--monthly)", got)
	}
	return Step{}, fmt.Errorf("%s, and %d of %d steps are even: take means of months (--monthly), or add a row with an empty value for each date that has none",
		got, even, len(s.Times)-1)
}

// others says whether gaps come later too, and what else helps.
func (s Series) others(c calendar, from int) string {
	later := 0
	for i := from + 1; i < len(s.Times); i++ {
		a, ok1 := c.at(s.Times[i-1])
		b, ok2 := c.at(s.Times[i])
		if !ok1 || !ok2 || b != a+1 {
			later++
		}
	}
	out := ""
	if later > 0 {
		out = fmt.Sprintf(", and those of all gaps after it (%d)", later)
	}
	if days := s.Times[len(s.Times)-1].Sub(s.Times[0]).Hours() / 24 / float64(len(s.Times)); days < 20 {
		out += ", or take means of months (--monthly)"
	}
	return out
}

// Future returns the times of the n observations that would follow.
func (s Series) Future(n int) ([]time.Time, error) {
	if n < 0 {
		return nil, errors.New("series: fewer than no observations follow")
	}
	step, err := s.Step()
	if err != nil {
		return nil, err
	}
	last, _ := step.at(s.Times[len(s.Times)-1])
	out := make([]time.Time, n)
	for i := range out {
		out[i] = step.time(last + 1 + i)
	}
	return out, nil
}

// Labels writes times as briefly as they and the series' own allow: days, where all are midnights.
func (s Series) Labels(times []time.Time) []string {
	layout := time.DateOnly
	for _, t := range slices.Concat(s.Times, times) {
		switch {
		case t.Nanosecond() > 0:
			layout = "2006-01-02 15:04:05.000"
		case t.Second() > 0 && len(layout) < len(time.DateTime):
			layout = time.DateTime
		case t.Hour()+t.Minute() > 0 && layout == time.DateOnly:
			layout = "2006-01-02 15:04"
		}
	}
	out := make([]string, len(times))
	for i, t := range times {
		out[i] = t.Format(layout)
	}
	return out
}

func label(t time.Time) string { return Series{}.Labels([]time.Time{t})[0] }
