package series

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// layouts are the dates that Table understands. One layout must hold for a whole column.
var layouts = []string{
	time.DateOnly, "2006-01", "2006", "20060102", "2006/01/02", "2006/01", "02.01.2006",
	time.DateTime, "2006-01-02 15:04", time.RFC3339,
}

// Table is a CSV file with headers, its cells still text.
type Table struct {
	Name    string
	Columns []string
	rows    [][]string
	lines   []int // the line of each row in the file, for messages
}

// Open reads a CSV file.
func Open(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	return Read(f, filepath.Base(path))
}

// Read reads CSV with a header line. The name is what errors call the table.
func Read(r io.Reader, name string) (*Table, error) {
	buffered := bufio.NewReader(r)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(len(mark)) // the byte order mark that some spreadsheets write; it is there
	}
	reader := csv.NewReader(buffered)
	reader.TrimLeadingSpace = true
	header, err := reader.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s is empty: a header line with the columns' names is needed", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	t := &Table{Name: name}
	for i, c := range header {
		c = strings.TrimSpace(c)
		if slices.Contains(t.Columns, c) {
			return nil, fmt.Errorf("%s: columns %d and %d are both called %q", name, slices.Index(t.Columns, c)+1, i+1, c)
		}
		t.Columns = append(t.Columns, c)
	}
	numbers := 0
	for _, c := range t.Columns {
		if _, err := strconv.ParseFloat(c, 64); err == nil {
			numbers++
		}
	}
	if numbers == len(t.Columns) {
		return nil, fmt.Errorf("%s: the first line, %q, holds numbers where the columns' names should be", name, strings.Join(t.Columns, ","))
	}
	for {
		row, err := reader.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		line, _ := reader.FieldPos(0)
		t.rows, t.lines = append(t.rows, row), append(t.lines, line)
	}
}

// Values names the columns that don't hold dates.
func (t *Table) Values() []string {
	var names []string
	for i, name := range t.Columns {
		if _, ok := t.dates(i); !ok {
			names = append(names, name)
		}
	}
	return names
}

// Series returns a column as numbers, with the dates of the first other column that holds nothing else. Empty cells,
// NA, NaN, null, "." and "?" are missing values.
func (t *Table) Series(column string) (Series, error) {
	at := slices.Index(t.Columns, column)
	if at < 0 {
		return Series{}, fmt.Errorf("%s has no column %q; it has %s", t.Name, column, strings.Join(t.Columns, ", "))
	}
	if len(t.rows) == 0 {
		return Series{}, fmt.Errorf("%s has a header and no rows", t.Name)
	}
	s := Series{Name: column, Values: make([]float64, len(t.rows))}
	for i, row := range t.rows {
		v, err := number(row[at])
		if err != nil {
			return Series{}, fmt.Errorf("%s, line %d, column %q: %w", t.Name, t.lines[i], column, err)
		}
		s.Values[i] = v
	}
	for j := range t.Columns {
		if j == at {
			continue
		}
		if times, ok := t.dates(j); ok {
			s.Times = times
			break
		}
	}
	for i := 1; i < len(s.Times); i++ {
		if !s.Times[i].After(s.Times[i-1]) {
			return Series{}, fmt.Errorf("%s, line %d: the date %s doesn't come after the one before it, %s: sort the rows by date, one a date",
				t.Name, t.lines[i], s.Times[i].Format(time.DateOnly), s.Times[i-1].Format(time.DateOnly))
		}
	}
	return s, nil
}

// number reads a cell, NaN when it is missing.
func number(cell string) (float64, error) {
	cell = strings.TrimSpace(cell)
	switch strings.ToLower(cell) {
	case "", "na", "nan", "null", ".", "?":
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not a finite number, nor a missing value (empty, NA, NaN, null, ., ?)", cell)
	}
	return v, nil
}

// dates reads a column of dates, and says whether it is one. Whole numbers may as well be values: they are years or days where they rise
// from row to row, or where the column is called so.
func (t *Table) dates(column int) ([]time.Time, bool) {
	times := make([]time.Time, len(t.rows))
	called := dateName.MatchString(t.Columns[column])
next:
	for _, layout := range layouts {
		plain := !strings.ContainsAny(layout, "-/.")
		for i, row := range t.rows {
			v, err := time.Parse(layout, strings.TrimSpace(row[column]))
			if err != nil || plain && !called && i > 0 && !v.After(times[i-1]) {
				continue next
			}
			times[i] = v
		}
		return times, true
	}
	return nil, false
}

var dateName = regexp.MustCompile(`(?i)date|year|month|day|time`)
