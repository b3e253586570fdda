package series

import (
	"fmt"
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
	// Columns whose cells read as dates first, then those of which only the name says so, then numbers; of equals by name, and the leftmost.
	var best []int
	for _, looks := range []look{reads, called, calledNumbers} {
		for _, want := range []meaning{certainly, perhaps, noDates} {
			for at, name := range t.Columns {
				if at != exclude && meant(name) == want && t.look(at, want) == looks {
					best = append(best, at)
				}
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
	if len(best) > 1 && d.times != nil && t.look(best[1], meant(t.Columns[best[1]])) != calledNumbers {
		d.note = strings.TrimSpace(d.note + fmt.Sprintf("dates are those of column %q; column %q is left aside", t.Columns[at], t.Columns[best[1]]))
	}
	return d, nil
}

// look is what a column that may be meant as dates looks like.
type look int

const (
	noLook        look = iota
	reads              // most cells read as such
	called             // the name says so
	calledNumbers      // the name says so, of numbers that are no dates: an index, say
)

// look looks at a column, given what its name says.
func (t *Table) look(at int, name meaning) look {
	read, seen, numbers, clocks := 0, 0, 0, 0
	firstRead := -1
	given := func(string) (time.Time, bool) { return time.Time{}, false }
	if t.DateFormat != "" {
		if f, err := t.given(); err == nil {
			given = f
		}
	}
	for i := 0; i < len(t.rows); i += 1 + len(t.rows)/1000 { // a thousand cells tell
		cell := t.rows[i][at]
		if missing(cell) {
			continue
		}
		s := cutCell(cell)
		seen++
		if number.MatchString(cell) {
			numbers++
		}
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
			if !t.may(r, at, name) {
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
		return noLook
	case 2*read > seen, numbers == seen && name != noDates && t.epoch(at) != 0:
		return reads
	case name == noDates, clocks == seen && len(t.Columns) > 2, numbers == seen && name == perhaps:
		return noLook
	case numbers == seen:
		return calledNumbers
	}
	return called
}

// may says whether a reading comes into question for a column, which numbers must be called for.
func (t *Table) may(r reading, at int, name meaning) bool {
	saysYear := slices.ContainsFunc(words(t.Columns[at]), func(w string) bool { return slices.Contains(yearWords, w) })
	return !r.plain || name == certainly || name == perhaps && (r.name != "the year" || saysYear)
}
