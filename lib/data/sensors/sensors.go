// Package sensors reads what sensors say in time: CSV with a column for each, as a whole or row by row as it comes.
package sensors

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"genlab/lib/data/files"
)

// Config says what is in a file.
type Config struct {
	Time  string   // the column of times; "" is the one called datetime, timestamp, time or date, if any; "none" is none
	Leave []string // columns that are no sensors
}

// Table is what sensors said, one row after the other.
type Table struct {
	Names  []string
	Times  []time.Time // nil where the file has no column of times
	Values [][]float64 // [rows, sensors], NaN where a value is missing
}

// Row is what sensors said at once.
type Row struct {
	Line   int
	Time   time.Time // zero where there is no column of times
	Values []float64 // NaN where a value is missing
}

// RowError is a row that can't be taken; those after it can.
type RowError struct {
	Name string
	Line int
	Err  error
}

// Error says which row.
func (e *RowError) Error() string { return fmt.Sprintf("%s, line %d: %v", e.Name, e.Line, e.Err) }

// Unwrap gives what is wrong with it.
func (e *RowError) Unwrap() error { return e.Err }

// Reader reads rows as they come.
type Reader struct {
	Names []string // of the sensors, as the header has them

	name   string
	csv    *csv.Reader
	time   int   // its column, or -1
	places []int // of the sensors
	width  int
	last   time.Time
}

// Open reads a CSV file whole.
func Open(path string, c Config) (t Table, err error) {
	f, _, err := files.Open(path)
	if err != nil {
		return Table{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return Read(f, filepath.Base(path), c)
}

// Read reads all rows; the name is what errors call them. The first that can't be taken is an error.
func Read(r io.Reader, name string, c Config) (Table, error) {
	reader, err := NewReader(r, name, c)
	if err != nil {
		return Table{}, err
	}
	t := Table{Names: reader.Names}
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Table{}, err
		}
		t.Values = append(t.Values, row.Values)
		if reader.time >= 0 {
			t.Times = append(t.Times, row.Time)
		}
	}
	if len(t.Values) == 0 {
		return Table{}, fmt.Errorf("%s has a header and no rows", name)
	}
	return t, nil
}

// NewReader reads the header: names of columns with commas, semicolons, tabs or bars between.
func NewReader(r io.Reader, name string, c Config) (*Reader, error) {
	buffered := bufio.NewReader(r)
	header, err := buffered.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || header == "") {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s is empty: it must have a header line with the columns' names", name)
		}
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	header = strings.TrimRight(strings.TrimPrefix(header, "\ufeff"), "\r\n")
	comma := ','
	for _, other := range ";\t|" {
		if strings.Count(header, string(other)) > strings.Count(header, string(comma)) {
			comma = other
		}
	}
	columns := strings.Split(header, string(comma))
	out := &Reader{name: name, csv: csv.NewReader(buffered), time: -1, width: len(columns)}
	out.csv.Comma, out.csv.FieldsPerRecord, out.csv.LazyQuotes = comma, -1, true
	for i := range columns {
		columns[i] = strings.Trim(strings.TrimSpace(columns[i]), `"`)
		if first := slices.Index(columns[:i], columns[i]); first >= 0 {
			return nil, fmt.Errorf("%s: columns %d and %d are both called %q", name, first+1, i+1, columns[i])
		}
		if _, err := strconv.ParseFloat(columns[i], 64); err == nil {
			return nil, fmt.Errorf("%s: the first line has the number %s: it must be a header with the columns' names", name, columns[i])
		}
	}
	if out.time, err = c.timeColumn(name, columns); err != nil {
		return nil, err
	}
	for _, leave := range c.Leave {
		if !slices.Contains(columns, leave) {
			return nil, fmt.Errorf("%s has no column %q; it has %s", name, leave, strings.Join(columns, ", "))
		}
	}
	for i, column := range columns {
		if i != out.time && !slices.Contains(c.Leave, column) {
			out.Names, out.places = append(out.Names, column), append(out.places, i)
		}
	}
	if len(out.Names) == 0 {
		return nil, fmt.Errorf("%s has no column of a sensor: it must have one for each", name)
	}
	return out, nil
}

// timeColumn finds the column of times, -1 where there is none.
func (c Config) timeColumn(name string, columns []string) (int, error) {
	switch c.Time {
	case "none":
		return -1, nil
	case "":
		return slices.IndexFunc(columns, func(column string) bool {
			return slices.Contains([]string{"datetime", "timestamp", "time", "date"}, strings.ToLower(column))
		}), nil
	}
	at := slices.Index(columns, c.Time)
	if at < 0 {
		return -1, fmt.Errorf("%s has no column %q for times; it has %s", name, c.Time, strings.Join(columns, ", "))
	}
	return at, nil
}

// Next reads a row; empty lines are passed over. Its error is [io.EOF] at the end, and a [RowError] where only this row can't be taken: a text in
// the place of a number, too few or too many cells, a time that doesn't read, or that comes before the last row's.
func (r *Reader) Next() (Row, error) {
	for {
		cells, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			return Row{}, err
		}
		line, _ := r.csv.FieldPos(0)
		line++ // the header was read before
		var syntax *csv.ParseError
		switch {
		case errors.As(err, &syntax):
			return Row{}, &RowError{r.name, syntax.Line + 1, syntax.Err}
		case err != nil:
			return Row{}, fmt.Errorf("reading %s: %w", r.name, err)
		}
		if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" && r.width > 1 {
			continue
		}
		row, err := r.row(cells)
		if err != nil {
			return Row{}, &RowError{r.name, line, err}
		}
		row.Line = line
		return row, nil
	}
}

func (r *Reader) row(cells []string) (Row, error) {
	if len(cells) != r.width {
		return Row{}, fmt.Errorf("%d cells: there must be %d, as in the header", len(cells), r.width)
	}
	var row Row
	var err error
	if r.time >= 0 {
		if row.Time, err = ParseTime(cells[r.time]); err != nil {
			return Row{}, err
		}
		if row.Time.Before(r.last) {
			return Row{}, fmt.Errorf("the time %s comes after %s: times must not go back", cells[r.time], r.last.Format(time.DateTime))
		}
	}
	row.Values = make([]float64, len(r.places))
	for i, at := range r.places {
		if row.Values[i], err = parseValue(cells[at]); err != nil {
			return Row{}, fmt.Errorf("%s is %w", r.Names[i], err)
		}
	}
	r.last = row.Time
	return row, nil
}

// Select keeps the columns of some sensors alone, in their order.
func (r *Reader) Select(names []string) error {
	places := make([]int, len(names))
	for i, name := range names {
		at := slices.Index(r.Names, name)
		if at < 0 {
			return fmt.Errorf("%s has no column %q; it has %s", r.name, name, strings.Join(r.Names, ", "))
		}
		places[i] = r.places[at]
	}
	r.Names, r.places = names, places
	return nil
}

// missing are the words for a missing value, besides an empty cell.
var missing = []string{"", "na", "n/a", "nan", "null", "none", "?", "-"}

func parseValue(cell string) (float64, error) {
	cell = strings.TrimSpace(cell)
	if slices.Contains(missing, strings.ToLower(cell)) {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%.40q: it must be a finite number, or missing: empty, NA, NaN, null or ?", cell)
	}
	return v, nil
}

// formats are those in which times are read. After the seconds a fraction may follow.
var formats = []string{time.DateTime, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05-07:00", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly}

// ParseTime reads a time as a cell has it.
func ParseTime(cell string) (time.Time, error) {
	cell = strings.TrimSpace(cell)
	for _, f := range formats {
		if t, err := time.Parse(f, cell); err == nil {
			return t, nil
		}
	}
	if seconds, err := strconv.ParseFloat(cell, 64); err == nil && seconds >= 0 && seconds < 1e11 {
		return time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("the time is %.40q: it must be as 2006-01-02 15:04:05, in RFC 3339, or in seconds since 1970", cell)
}

// Take removes a column and gives its values.
func (t *Table) Take(name string) ([]float64, error) {
	at := slices.Index(t.Names, name)
	if at < 0 {
		return nil, fmt.Errorf("there is no column %q; there are %s", name, strings.Join(t.Names, ", "))
	}
	values := make([]float64, len(t.Values))
	for i, row := range t.Values {
		values[i] = row[at]
		t.Values[i] = slices.Delete(row, at, at+1)
	}
	t.Names = slices.Delete(t.Names, at, at+1)
	return values, nil
}
