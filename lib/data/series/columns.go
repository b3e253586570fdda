package series

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dating is where a table's dates are and what they are.
type dating struct {
	columns []int       // that hold them; none where the rows have no dates
	times   []time.Time // one a row, nil where the columns only number the rows
	note    string
}

// meaning is how surely a column's name says that it holds dates.
type meaning int

const (
	noDates   meaning = iota
	perhaps           // one of the words of its name speaks of time: order_date, waitingTime
	certainly         // all do: Date, year, Unix timestamp
)

var (
	wordEnds  = regexp.MustCompile(`([\p{Ll}\d])(\p{Lu})`)
	noLetters = regexp.MustCompile(`[^\pL]+`)
	dateWords = strings.Fields("date dates datetime timestamp time times year years yr yyyy month months mon quarter quarters qtr week weeks day days daily monthly period periods " +
		"ds dt ts epoch unix unixtime when datum zeit jahr monat tag quartal fecha дата")
	yearWords = strings.Fields("year years yr yyyy jahr date dates ds dt period periods datum")
)

func words(name string) []string {
	return strings.Fields(strings.ToLower(noLetters.ReplaceAllString(wordEnds.ReplaceAllString(name, "$1 $2"), " ")))
}

func meant(name string) meaning {
	w := words(name)
	n := 0
	for _, word := range w {
		if slices.Contains(dateWords, word) {
			n++
		}
	}
	switch {
	case n == 0:
		return noDates
	case n == len(w):
		return certainly
	}
	return perhaps
}

// named is the first column with one of the names, -1 where there is none.
func (t *Table) named(exclude int, names ...string) int {
	return slices.IndexFunc(t.Columns, func(c string) bool {
		return slices.Contains(names, strings.Join(words(c), "")) && slices.Index(t.Columns, c) != exclude
	})
}

// dating finds the dates among the columns but one. A column that is meant as dates and doesn't wholly read is an error.
func (t *Table) dating(exclude int) (dating, error) {
	if strings.EqualFold(t.DateFormat, "none") || len(t.rows) == 0 {
		return dating{}, nil
	}
	if t.DateFormat == "" {
		if d, err := t.parts(exclude); err != nil || len(d.columns) > 0 {
			return d, err
		}
	}
	// The name first, then what most cells look like; the leftmost of equals.
	var best []int
	for _, want := range []meaning{certainly, perhaps, noDates} {
		for at, name := range t.Columns {
			if at == exclude || meant(name) != want {
				continue
			}
			if is := t.looksDated(at, want); is {
				best = append(best, at)
			}
		}
	}
	if len(best) == 0 {
		if t.DateFormat != "" {
			return dating{}, fmt.Errorf("%s: no column is called a date's name, nor do most cells of one read as %s", t.Name, t.DateFormat)
		}
		return dating{}, nil
	}
	at := best[0]
	d := dating{columns: []int{at}}
	var err error
	if d.times, d.note, err = t.readDates(at, meant(t.Columns[at])); err != nil {
		return d, err
	}
	// A clock in a column of its own.
	if clock := t.named(exclude, "time", "clock", "uhrzeit"); clock >= 0 && clock != at && d.times != nil {
		if times, err := t.clocks(clock, d.times); err != nil {
			return d, err
		} else if times != nil {
			d.columns, d.times = append(d.columns, clock), times
			return d, nil
		}
	}
	if hour := t.named(exclude, "hour", "hr", "stunde"); hour >= 0 && d.times != nil {
		for i, row := range t.rows {
			h, err := strconv.Atoi(row[hour])
			if err != nil || h < 0 || h > 24 {
				return d, fmt.Errorf("%s: %q is no hour of the day, 0 to 24%s", t.at(i, hour), row[hour], t.last(i))
			}
			d.times[i] = d.times[i].Add(time.Duration(h) * time.Hour)
		}
		d.columns = append(d.columns, hour)
		return d, nil
	}
	if len(best) > 1 && d.times != nil {
		d.note = strings.TrimSpace(d.note + fmt.Sprintf("dates are those of column %q; column %q is left aside", t.Columns[at], t.Columns[best[1]]))
	}
	return d, nil
}

// looksDated says whether a column is meant as dates, given what its name says.
func (t *Table) looksDated(at int, name meaning) bool {
	read, seen, numbers, clocks := 0, 0, 0, 0
	firstRead := -1
	given := func(string) (time.Time, bool) { return time.Time{}, false }
	if t.DateFormat != "" {
		if f, err := t.given(); err == nil {
			given = f
		}
	}
	for _, row := range t.rows {
		cell := row[at]
		if missing(cell) {
			continue
		}
		seen++
		if number.MatchString(cell) {
			numbers++
		}
		s := cut(cell)
		if !s.bad && s.day == "" {
			clocks++
			continue
		}
		if t.DateFormat != "" {
			if _, ok := given(cell); ok {
				read++
			}
			continue
		}
		// Most columns have one reading: try the last that fitted first.
		if firstRead >= 0 {
			if _, ok := readings[firstRead].time(s); ok {
				read++
				continue
			}
		}
		for i, r := range readings {
			if r.plain && (name == noDates || name == perhaps && r.name == "the year" && !t.saysYear(at)) {
				continue
			}
			if _, ok := r.time(s); ok {
				read++
				firstRead = i
				break
			}
		}
	}
	switch {
	case seen == 0:
		return false
	case clocks == seen: // times of a day, which needs another column
		return name == certainly && len(t.Columns) < 3
	case 2*read > seen:
		return true
	case numbers == seen: // an index, an epoch or no time at all
		return name == certainly || name == perhaps && t.epoch(at) != 0
	}
	return name != noDates
}

func (t *Table) saysYear(at int) bool {
	return slices.ContainsFunc(words(t.Columns[at]), func(w string) bool { return slices.Contains(yearWords, w) })
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
	cells, stamps := make([]string, len(t.rows)), make([]stamp, len(t.rows))
	for i, row := range t.rows {
		cells[i] = wholeYear.ReplaceAllString(row[at], "$1") // 2018.0, as pandas writes whole numbers beside missing ones
		stamps[i] = cut(cells[i])
	}
	var full []candidate
	var best reading
	most, bad := 0, 0
	for _, r := range readings {
		if r.plain && (name == noDates || name == perhaps && r.name == "the year" && !t.saysYear(at)) {
			continue
		}
		times, n, first := make([]time.Time, len(cells)), 0, -1
		for i, s := range stamps {
			v, ok := r.time(s)
			if ok {
				times[i] = v
				n++
			} else if first < 0 {
				first = i
			}
			if i > 100 && n == 0 {
				break
			}
		}
		switch {
		case n == len(cells):
			full = append(full, candidate{r, times})
		case n > most:
			best, most, bad = r, n, first
		}
	}
	if len(full) > 0 {
		times, err := t.choose(full, at)
		return times, "", err
	}
	if most == 0 || best.plain {
		if times, note, err := t.numbered(at, cells); err != nil || times != nil || note != "" {
			return times, note, err
		}
	}
	if most == 0 {
		return nil, "", out(slices.IndexFunc(cells, func(c string) bool { return !missing(c) }), "")
	}
	return nil, "", out(bad, fmt.Sprintf(", as %d of %d rows do (%s)", most, len(cells), best.name))
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
func (t *Table) numbered(at int, cells []string) (times []time.Time, note string, err error) {
	values := make([]float64, len(cells))
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

// Values names the columns that hold numbers and no dates; those that only number the rows are none.
func (t *Table) Values() []string {
	dates, _ := t.dating(-1) // what is wrong with the dates is said when they are read
	var names []string
	for at, name := range t.Columns {
		if slices.Contains(dates.columns, at) || t.kind(at) == isDate || t.indexes(at) {
			continue
		}
		numbers, seen := 0, 0
		for _, row := range t.rows {
			if missing(row[at]) {
				continue
			}
			seen++
			if number.MatchString(typeset.Replace(row[at])) {
				numbers++
			}
		}
		if 2*numbers >= seen {
			names = append(names, name)
		}
	}
	if len(names) == 0 { // then texts are what is wrong, and reading them says so
		for at, name := range t.Columns {
			if !slices.Contains(dates.columns, at) && t.kind(at) == isText {
				names = append(names, name)
			}
		}
	}
	return names
}

var indexName = regexp.MustCompile(`(?i)^(|unnamed: 0|index|idx|#|id|row|no\.?|nr\.?|obs|rownames|row_number)$`)

// indexes says whether a column numbers the rows: by its name, and 0, 1, 2, … or 1, 2, 3, …
func (t *Table) indexes(at int) bool {
	if !indexName.MatchString(t.Columns[at]) || len(t.rows) == 0 {
		return false
	}
	first, ok := whole64(t.rows[0][at])
	if !ok || first < 0 || first > 1 {
		return false
	}
	for i, row := range t.rows {
		if v, ok := whole64(row[at]); !ok || v != first+i {
			return false
		}
	}
	return true
}

// Series returns a column as numbers, with the dates of the other columns. A column that is meant as dates, by its name or because most of it
// reads as dates, and that doesn't wholly read is an error. Numbers are years or times only in columns that are called so. Dates that fall
// are turned round, with a note; any other disorder is an error.
func (t *Table) Series(column string) (Series, error) {
	at := slices.Index(t.Columns, column)
	if at < 0 {
		return Series{}, fmt.Errorf("%s has no column %q; it has %s", t.Name, column, strings.Join(t.Columns, ", "))
	}
	if len(t.rows) == 0 {
		return Series{}, fmt.Errorf("%s has a header and no rows", t.Name)
	}
	dates, err := t.dating(at)
	if err != nil {
		return Series{}, err
	}
	s := Series{Name: column, Times: dates.times}
	if dates.note != "" {
		s.Notes = append(s.Notes, dates.note)
	}
	if s.Values, err = t.numbers(at); err != nil {
		return Series{}, err
	}
	if s.Times == nil && total(s.Values) {
		return Series{}, fmt.Errorf("%s: %q is the sum of all above it: a total? Remove the row", t.at(len(t.rows)-1, at), t.rows[len(t.rows)-1][at])
	}
	if err := t.sort(&s); err != nil {
		return Series{}, err
	}
	return s, nil
}

// total says whether the last of some values is the sum of the others, which is no chance where they are many and of one sign.
func total(values []float64) bool {
	last := len(values) - 1
	sum, seen := 0.0, 0
	for _, v := range values[:last] {
		if v < 0 {
			return false
		}
		if v > 0 { // NaN is not
			sum += v
			seen++
		}
	}
	return seen >= 6 && math.Abs(values[last]-sum) <= 1e-9*sum
}

// sort turns falling dates round. Dates that neither rise nor fall are an error.
func (t *Table) sort(s *Series) error {
	up, down := 0, 0
	for i := 1; i < len(s.Times); i++ {
		switch s.Times[i].Compare(s.Times[i-1]) {
		case 1:
			up++
		case -1:
			down++
		}
	}
	if n := len(s.Times) - 1; n < 1 || up == n || down == n {
		if n > 0 && down == n {
			slices.Reverse(s.Times)
			slices.Reverse(s.Values)
			s.Notes = append(s.Notes, fmt.Sprintf("the rows of %s go back in time: they are taken the other way round", t.Name))
		}
		if local := localMidnights(s.Times); local != nil && even(local) > even(s.Times) {
			s.Times = local
			s.Notes = append(s.Notes, "the times are midnights of a zone with daylight saving: the days that begin there are taken")
		}
		return nil
	}
	before := map[time.Time]int{}
	for i, v := range s.Times {
		if first, ok := before[v.UTC()]; ok {
			return fmt.Errorf("%s, line %d: the date %s comes twice, in line %d too: keep one row a date (of several series in one file, those of one)",
				t.Name, t.lines[i], label(v), t.lines[first])
		}
		before[v.UTC()] = i
	}
	for i := 1; i < len(s.Times); i++ {
		if falls := s.Times[i].Before(s.Times[i-1]); falls != (down > up) {
			word := "after"
			if down > up {
				word = "before"
			}
			return fmt.Errorf("%s, line %d: the date %s doesn't come %s the one above it, %s: sort the rows by date, one a date",
				t.Name, t.lines[i], label(s.Times[i]), word, label(s.Times[i-1]))
		}
	}
	return errors.New("unreachable: dates that all rise or all fall were taken above")
}
