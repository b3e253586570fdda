package translation

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// content is what a column of a file of pairs holds.
type content string

const (
	texts   content = "texts"
	numbers content = "numbers"
	ids     content = "identifiers"
	rising  content = "numbers that rise from line to line"
	same    content = "one value"
	nothing content = "nothing"
)

// headers are the words for a column that stand in the first line of many files: what it is, or its language.
var headers = strings.Fields("id ids nr no idx index source target src tgt trg input output from to original sentence sentences text texts translation translations phrase phrases " +
	"sentence_id sentenceid sent_id sourceid targetid pair_id score lang language attribution license comment " +
	"english german russian french spanish italian dutch portuguese polish turkish chinese japanese ukrainian deutsch русский français español italiano " +
	"en de ru fr es it nl pt pl tr zh ja uk eng deu ger rus fra spa ita nld por pol tur cmn jpn ukr")

var (
	figure    = regexp.MustCompile(`^[-+]?\d[\d.,:_-]*$`)
	numeric   = regexp.MustCompile(`^[-+#]?(\pL{0,12}[_:#.-]?\d[\d.,:_-]*|(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|https?://\S+)$`)
	separator = regexp.MustCompile(`[\s_-]*(id|text|sentence|lang|language|sentences|translation|\d+)$`)
)

// header says whether a line is one of columns' names.
func header(row []string) bool {
	for _, cell := range row {
		name := strings.ToLower(cell)
		if name != "" && !slices.Contains(headers, name) && !slices.Contains(headers, separator.ReplaceAllString(name, "")) {
			return false
		}
	}
	return strings.Join(row, "") != ""
}

// columns finds those of source and target, and how many lines to skip.
func columns(rows [][]string) (source, target, skip int, err error) {
	if len(rows) == 0 {
		return 0, 1, 0, nil
	}
	if len(rows) > 1 && header(rows[0]) {
		skip = 1
	}
	for at, cell := range rows[0] { // a name above numbers
		if kind := contentOf(rows[1:], at); len(rows) > 3 && len(rows[0]) > 2 && slices.Contains([]content{numbers, rising, ids}, kind) && !numeric.MatchString(cell) {
			skip = 1
		}
	}
	width := 0
	for _, row := range rows[skip:] {
		width = max(width, len(row))
	}
	var found []int
	kinds := make([]content, width)
	for at := range width {
		if kinds[at] = contentOf(rows[skip:], at); kinds[at] == texts {
			found = append(found, at)
		}
	}
	switch {
	case len(found) >= 2:
		return found[0], found[1], skip, nil
	case width > 2 || slices.Contains(kinds, rising) || slices.Contains(kinds, ids) || slices.Contains(kinds, nothing) && len(rows) > 1:
		var what []string
		for at, kind := range kinds {
			what = append(what, fmt.Sprintf("column %d %s", at+1, kind))
		}
		return 0, 0, 0, fmt.Errorf("a pair needs two columns of texts, and the file has %s", strings.Join(what, ", "))
	}
	return 0, 1, skip, nil // numbers may be what is translated, or one word may be the answer
}

// contentOf looks at a column's cells. A few may be of another kind.
func contentOf(rows [][]string, at int) content {
	seen, figures, letters, up := 0, 0, 0, 0
	last := 0.0
	values := map[string]int{}
	for _, row := range rows {
		if at >= len(row) || row[at] == "" {
			continue
		}
		seen++
		values[row[at]]++
		if !numeric.MatchString(row[at]) {
			continue
		}
		figures++
		if !figure.MatchString(row[at]) {
			letters++
		}
		if v, err := strconv.ParseFloat(strings.TrimLeft(row[at], "#"), 64); err == nil {
			if figures > 1 && v > last {
				up++
			}
			last = v
		}
	}
	most := 0
	for _, n := range values {
		most = max(most, n)
	}
	switch {
	case seen == 0:
		return nothing
	case figures > 4 && up == figures-1 && figures == seen:
		return rising
	case 10*figures >= 9*seen && 2*letters > seen:
		return ids
	case 10*figures >= 9*seen && 10*len(values) >= 9*seen && wordy(rows, 1-at):
		return ids
	case 10*figures >= 9*seen:
		return numbers
	case seen > 4 && 10*most >= 9*seen:
		return same
	}
	return texts
}

// wordy says whether a column has more words than numbers are said with. The numbers beside it then stand for texts, and aren't said in them.
func wordy(rows [][]string, at int) bool {
	words := map[string]bool{}
	for _, row := range rows {
		if at >= 0 && at < len(row) && len(row) == 2 {
			for word := range strings.FieldsSeq(row[at]) {
				words[word] = true
			}
		}
	}
	return len(words) > 150
}

// texted says what is wrong with the lines of one language, if anything.
func texted(lines []string) error {
	rows := make([][]string, len(lines))
	tabs := 0
	for i, line := range lines {
		rows[i] = []string{strings.TrimSpace(line)}
		if strings.Contains(line, "\t") {
			tabs++
		}
	}
	if contentOf(rows, 0) == rising {
		return fmt.Errorf("its lines are %s, not texts", rising)
	}
	if len(lines) > 4 && 10*tabs >= 9*len(lines) {
		return fmt.Errorf("its lines have columns with tabs between, and one language alone is wanted")
	}
	return nil
}
