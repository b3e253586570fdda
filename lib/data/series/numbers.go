package series

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// absent are the words for a missing value: of programs, spreadsheets and statistics offices.
var absent = []string{"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", ".", "..", "...", "…", "?", "-", "--", "–", "—", ":"}

func missing(cell string) bool { return slices.Contains(absent, strings.ToLower(cell)) }

// style is a way to write numbers.
type style struct {
	name    string
	cell    *regexp.Regexp
	replace *strings.Replacer // makes of it what strconv reads
}

const exponent = `([eE][+-]?\d+)?$`

var styles = []style{
	{"plain", regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)` + exponent), strings.NewReplacer()},
	{"with commas between thousands", regexp.MustCompile(`^[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d*)?` + exponent), strings.NewReplacer(",", "")},
	{"with decimal commas", regexp.MustCompile(`^[+-]?([1-9]\d{0,2}([. '’]\d{3})+|\d+)?(,\d*)?` + exponent),
		strings.NewReplacer(".", "", " ", "", "'", "", "’", "", ",", ".")},
	{"with spaces between thousands", regexp.MustCompile(`^[+-]?([1-9]\d{0,2}([ '’]\d{3})+|\d+)(\.\d*)?` + exponent),
		strings.NewReplacer(" ", "", "'", "", "’", "")},
}

// number is what any style may be.
var number = regexp.MustCompile(`^[-+−]?[\d.,][\d.,' ’\x{a0}\x{2009}\x{202f}]*` + exponent)

// spaces and signs as typesetters have them.
var typeset = strings.NewReplacer("\u2212", "-", "\u00a0", " ", "\u2009", " ", "\u202f", " ")

// numbers reads a column, NaN where a value is missing. The column decides how its numbers are written.
func (t *Table) numbers(column int) ([]float64, error) {
	cells := make([]string, len(t.rows))
	for i, row := range t.rows {
		cells[i] = typeset.Replace(row[column])
	}
	best, bad, worst := styles[0], -1, len(cells)+1
	var fit []style
	for _, s := range styles {
		first, n := -1, 0
		for i, cell := range cells {
			if !missing(cell) && !s.cell.MatchString(cell) {
				if n++; first < 0 {
					first = i
				}
			}
		}
		if n < worst {
			best, bad, worst = s, first, n
		}
		if n == 0 {
			fit = append(fit, s)
		}
	}
	if bad >= 0 {
		return nil, fmt.Errorf("%s: %q is not a finite number, nor a missing value (empty, NA, NaN, null, ., ?)%s", t.at(bad, column), t.rows[bad][column], t.last(bad))
	}
	if i := t.doubtful(cells, fit); i >= 0 {
		return nil, fmt.Errorf("%s: %q may be a thousand and more or a few with decimals, and so may all others: write them without separators of thousands",
			t.at(i, column), t.rows[i][column])
	}
	values := make([]float64, len(cells))
	for i, cell := range cells {
		if missing(cell) {
			values[i] = math.NaN()
			continue
		}
		v, err := strconv.ParseFloat(best.replace.Replace(cell), 64)
		if err != nil || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s: %q is not a finite number", t.at(i, column), t.rows[i][column])
		}
		values[i] = v
	}
	return values, nil
}

// thousand is a number of four to six digits that would be another one if its separator were a decimal one.
var thousand = regexp.MustCompile(`^[+-]?[1-9]\d{0,2}[.,]\d{3}$`)

// whole is a number that any style reads alike.
var whole = regexp.MustCompile(`^[+-]?\d{1,3}$`)

// doubtful is the place of the first number of a column that reads in two ways, where no other number tells which; -1 is none. Between
// commas, programs write points for decimals. Elsewhere three digits after each comma may be either; three after some points are
// decimals unless whole numbers stand beside them in a file with semicolons.
func (t *Table) doubtful(cells []string, fit []style) int {
	if t.comma == ',' || t.comma == '|' || len(fit) < 2 {
		return -1
	}
	first, wholes := -1, 0
	for i, cell := range cells {
		switch {
		case missing(cell):
		case whole.MatchString(cell):
			wholes++
		case !thousand.MatchString(cell):
			return -1
		case first < 0:
			first = i
		}
	}
	if first >= 0 && strings.Contains(cells[first], ".") && (t.comma != ';' || wholes == 0) {
		return -1
	}
	return first
}

// last adds to an error about a row what it may be when it is the last.
func (t *Table) last(row int) string {
	if row > 1 && row == len(t.rows)-1 {
		return "; the last row looks like a total or a footnote: remove it"
	}
	return ""
}
