package series

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

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
	i, word := 1, "after" // some rise and some fall: the first that doesn't do as most do
	if down > up {
		word = "before"
	}
	for s.Times[i].Before(s.Times[i-1]) == (down > up) {
		i++
	}
	return fmt.Errorf("%s, line %d: the date %s doesn't come %s the one above it, %s: sort the rows by date, one a date",
		t.Name, t.lines[i], label(s.Times[i]), word, label(s.Times[i-1]))
}
