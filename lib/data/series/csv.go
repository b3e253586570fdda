package series

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genlab/lib/data/decode"
)

// Table is a CSV file with headers, its cells still text.
type Table struct {
	Name    string
	Columns []string
	// DateFormat says how dates are written, where the column alone doesn't tell: in letters (DD/MM/YYYY, YYYY-MM-DD HH:mm), or as
	// pandas has it (%d/%m/%Y). "none" leaves dates aside: the rows are then taken as evenly spaced.
	DateFormat string

	rows   [][]string
	stamps map[int][]stamp // of the columns that were looked at for dates
	lines  []int           // the line of each row in the file, for messages
	comma  rune            // what stands between cells
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

// Read reads CSV with a header line, as programs and spreadsheets write it: UTF-8 or UTF-16, any line ends, commas, semicolons, tabs
// or bars between cells. Lines that begin with # are comments; rows without anything in them are passed over. The name is what errors
// call the table.
func Read(r io.Reader, name string) (*Table, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	text, err := decode.Text(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	t := &Table{Name: name}
	if rest, ok := strings.CutPrefix(text, "sep="); ok && len(rest) > 1 && rest[1] == '\n' { // a spreadsheet's own line
		t.comma, text = rune(rest[0]), rest[1:]
	} else {
		t.comma = comma(text)
	}
	if rows, ok := spaced(text, t.comma); ok {
		t.comma, text = '\t', rows
	}
	if err := t.read(text); err != nil {
		return nil, err
	}
	return t, nil
}

// parse is the records of a CSV text, with their lines.
func parse(text string, comma rune, do func(record []string, line int) error) error {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.Comment, reader.FieldsPerRecord = comma, '#', -1
	reader.TrimLeadingSpace = comma != '\t' // which is a space itself
	for {
		record, err := reader.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		if strings.Join(record, "") == "" {
			continue
		}
		line, _ := reader.FieldPos(0)
		if err := do(record, line); err != nil {
			return err
		}
	}
}

var errEnough = errors.New("enough")

// comma is the character that cuts most of the first lines into as many cells as the header, and the most.
func comma(text string) rune {
	best, most := ',', 0
	for _, c := range ",;\t|" {
		var counts []int
		_ = parse(text, c, func(record []string, _ int) error { // what is wrong with the text is said when it is read
			counts = append(counts, len(trimmed(record)))
			if len(counts) == 100 {
				return errEnough
			}
			return nil
		})
		if len(counts) == 0 {
			continue
		}
		same := 0
		for _, n := range counts[1:] {
			if n == counts[0] && n > 1 || n > 1 && same == 0 {
				same += 2
			}
		}
		if counts[0] > 1 {
			same++
		}
		// Agreement with the header first, then the number of cells.
		if score := 1000*same + counts[0]; same > 0 && score > most {
			best, most = c, score
		}
	}
	return best
}

// spaced puts tabs between the cells of a text that has none but spaces, the same number in each line.
func spaced(text string, comma rune) (string, bool) {
	var rows []string
	cells := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		fields := strings.Fields(line)
		switch {
		case line == "" || line[0] == '#':
		case strings.ContainsRune(line, comma) || strings.Contains(line, `"`) || len(fields) < 2 || cells > 0 && len(fields) != cells:
			return "", false
		default:
			cells, line = len(fields), strings.Join(fields, "\t")
		}
		rows = append(rows, line)
	}
	return strings.Join(rows, "\n"), cells > 1
}

// trimmed takes empty cells off the end.
func trimmed(record []string) []string {
	for len(record) > 1 && record[len(record)-1] == "" {
		record = record[:len(record)-1]
	}
	return record
}

// read fills the table from its text.
func (t *Table) read(text string) error {
	headerLine := 0
	err := parse(text, t.comma, func(record []string, line int) error {
		if headerLine == 0 {
			t.Columns, headerLine = record, line
			return nil
		}
		t.rows, t.lines = append(t.rows, record), append(t.lines, line)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", t.Name, err)
	}
	if headerLine == 0 {
		return fmt.Errorf("%s is empty: a header line with the columns' names is needed", t.Name)
	}
	// A header may be behind a comment sign, or be called # in its first column.
	if above := commentAbove(text, headerLine); above != "" && t.data(t.Columns) {
		header := strings.Split(above, string(t.comma))
		if fields := strings.Fields(above); len(header) != len(t.Columns) && len(fields) == len(t.Columns) {
			header = fields
		}
		if len(header) == len(t.Columns) && !t.data(header) {
			t.rows, t.lines = slices.Insert(t.rows, 0, t.Columns), slices.Insert(t.lines, 0, headerLine)
			for i := range header {
				header[i] = strings.TrimSpace(header[i])
			}
			t.Columns = header
		}
	}
	if err := t.even(headerLine); err != nil {
		return err
	}
	for i, c := range t.Columns {
		if first := slices.Index(t.Columns, c); first < i && c != "" {
			return fmt.Errorf("%s: columns %d and %d are both called %q", t.Name, first+1, i+1, c)
		}
	}
	if t.data(t.Columns) {
		return fmt.Errorf("%s: the first line, %q, holds numbers or dates where the columns' names should be: add a line such as date,value above it",
			t.Name, strings.Join(t.Columns, string(t.comma)))
	}
	return nil
}

// even makes all rows as long as the header, or says which isn't.
func (t *Table) even(headerLine int) error {
	width := len(t.Columns)
	for i := range t.rows {
		if len(t.rows[i]) > width { // a delimiter at the end of each row
			t.rows[i] = append(t.rows[i][:width:width], trimmed(t.rows[i][width:])...)
			if last := t.rows[i][width:]; len(last) == 1 && last[0] == "" {
				t.rows[i] = t.rows[i][:width]
			}
		}
	}
	for i, row := range t.rows {
		n := len(row)
		if n == width {
			continue
		}
		hint := "a row has as many cells as the header"
		switch {
		case i == 0 && width == 1:
			hint = "a text above the header? Remove it, or begin its lines with #"
		case t.comma == ',' && n > width:
			hint = "numbers with commas in them need quotes, or semicolons between the columns"
		case i == len(t.rows)-1 && n == 1:
			hint = "a footnote? Remove it, or begin it with #"
		}
		return fmt.Errorf("%s, line %d: %d cells, where the header in line %d has %d: %s", t.Name, t.lines[i], n, headerLine, width, hint)
	}
	// Columns without name and content come from delimiters at the ends of lines.
	for at := width - 1; at > 0 && t.Columns[at] == ""; at-- {
		if slices.ContainsFunc(t.rows, func(row []string) bool { return row[at] != "" }) {
			break
		}
		t.Columns = t.Columns[:at]
		for i := range t.rows {
			t.rows[i] = t.rows[i][:at]
		}
	}
	return nil
}

// commentAbove is the text of the comment in the line before, without its sign; "" is none.
func commentAbove(text string, line int) string {
	if line < 2 {
		return ""
	}
	lines := strings.SplitN(text, "\n", line)
	above, ok := strings.CutPrefix(lines[line-2], "#")
	if !ok {
		return ""
	}
	return strings.TrimSpace(above)
}

// data says whether cells in the place of the header are values: each is a number, a date or missing, or else some are in columns of their
// like, and no name stands above such a column.
func (t *Table) data(header []string) bool {
	values, all := 0, true
	for at, cell := range header {
		kind := kindOf(cell)
		all = all && kind != isText
		if kind == isText || kind == isMissing {
			if kind == isText && slices.Contains([]cellKind{isNumber, isDate}, t.kind(at)) {
				return false
			}
			continue
		}
		if kind == t.kind(at) || len(t.rows) == 0 {
			values++
		}
	}
	return values > 0 || all && strings.Join(header, "") != ""
}

// cellKind is what a cell looks like.
type cellKind int

const (
	isMissing cellKind = iota
	isText
	isNumber
	isDate
)

func kindOf(cell string) cellKind {
	switch {
	case missing(cell):
		return isMissing
	case number.MatchString(cell):
		return isNumber
	}
	s := cut(cell)
	if slices.ContainsFunc(readings, func(r reading) bool { _, ok := r.time(s); return ok && !r.plain }) {
		return isDate
	}
	return isText
}

// kind is what most of a column's first cells look like.
func (t *Table) kind(at int) cellKind {
	var count [4]int
	for _, row := range t.rows[:min(len(t.rows), 100)] {
		if at < len(row) {
			count[kindOf(row[at])]++
		}
	}
	count[isMissing] = 0
	most := isMissing
	for kind, n := range count {
		if n > count[most] {
			most = cellKind(kind)
		}
	}
	return most
}

// at names a cell in messages.
func (t *Table) at(row, column int) string {
	return fmt.Sprintf("%s, line %d, column %q", t.Name, t.lines[row], t.Columns[column])
}
