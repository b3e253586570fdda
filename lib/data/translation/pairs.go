package translation

import (
	"fmt"
	"io"
	"strings"

	"genlab/lib/data/decode"
	"genlab/lib/data/files"
)

// maxLine is the longest line of a file of texts, in bytes.
const maxLine = 1 << 20

// ReadTSV reads pairs from lines of columns with tabs between: of two, source and target; of more, the first two that hold texts, not
// numbers or one word over and over (ids, languages, scores). A first line of columns' names is left aside. Lines with nothing in them, and
// pairs with an empty side, are passed over.
func ReadTSV(r io.Reader) ([]Pair, error) {
	var rows [][]string
	var numbers []int
	err := eachLine(r, func(number int, line string) error {
		if strings.TrimSpace(line) == "" {
			return nil
		}
		cells := strings.Split(line, "\t")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) < 2 {
			return fmt.Errorf("line %d has no tab between source and target: %.60q", number, line)
		}
		rows, numbers = append(rows, cells), append(numbers, number)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading pairs: %w", err)
	}
	source, target, skip, err := columns(rows)
	if err != nil {
		return nil, fmt.Errorf("reading pairs: %w", err)
	}
	var pairs []Pair
	for i, row := range rows[skip:] {
		if target >= len(row) {
			return nil, fmt.Errorf("reading pairs: line %d has %d columns, and the texts are in columns %d and %d", numbers[skip+i], len(row), source+1, target+1)
		}
		pairs = appendPair(pairs, row[source], row[target])
	}
	return notEmpty(pairs)
}

// ReadParallel reads pairs from two texts whose lines translate each other. Pairs with an empty side are passed over.
func ReadParallel(source, target io.Reader) ([]Pair, error) {
	var texts [2][]string
	for i, r := range []io.Reader{source, target} {
		err := eachLine(r, func(_ int, line string) error {
			texts[i] = append(texts[i], line)
			return nil
		})
		if err == nil {
			err = texted(texts[i])
		}
		if err != nil {
			return nil, fmt.Errorf("reading the %s: %w", []string{"source", "target"}[i], err)
		}
	}
	if len(texts[0]) != len(texts[1]) {
		return nil, fmt.Errorf("the source has %d lines and the target %d: line by line, they must translate each other", len(texts[0]), len(texts[1]))
	}
	var pairs []Pair
	for i := range texts[0] {
		pairs = appendPair(pairs, texts[0][i], texts[1][i])
	}
	return notEmpty(pairs)
}

// Load reads pairs from files: one of columns when target is "", else one for each language.
func Load(source, target string) (pairs []Pair, err error) {
	from, _, err := files.Open(source)
	if err != nil {
		return nil, fmt.Errorf("opening the pairs: %w", err)
	}
	defer func() { _ = from.Close() }() // only read
	if target == "" {
		pairs, err = ReadTSV(from)
	} else {
		to, _, openErr := files.Open(target)
		if openErr != nil {
			return nil, fmt.Errorf("opening the pairs: %w", openErr)
		}
		defer func() { _ = to.Close() }() // only read
		pairs, err = ReadParallel(from, to)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimSpace(source+" "+target), err)
	}
	return pairs, nil
}

// Split holds every n-th source out, each once, so that no text is learnt whose translation is measured: pairs that come twice, and other
// translations of one source, stand on one side.
func Split(pairs []Pair, n int) (learn, held []Pair) {
	side := map[string]bool{} // whether a source is held out
	for _, p := range pairs {
		out, seen := side[p.Source]
		if !seen {
			out = len(side)%n == n-1
			side[p.Source] = out
		}
		switch {
		case !out:
			learn = append(learn, p)
		case !seen:
			held = append(held, p)
		}
	}
	return learn, held
}

func eachLine(r io.Reader, do func(number int, line string) error) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	text, err := decode.Text(raw)
	if err != nil {
		return err
	}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if len(line) > maxLine {
			return fmt.Errorf("line %d has %d bytes: no text is so long; lines end in line feeds", number, len(line))
		}
		if err := do(number, strings.TrimRight(line, "\r\n")); err != nil {
			return err
		}
	}
	return nil
}

func appendPair(pairs []Pair, source, target string) []Pair {
	source, target = strings.TrimSpace(source), strings.TrimSpace(target)
	if source == "" || target == "" {
		return pairs
	}
	return append(pairs, Pair{source, target})
}

func notEmpty(pairs []Pair) ([]Pair, error) {
	if len(pairs) == 0 {
		return nil, fmt.Errorf("no pair of texts in it: give at least one line with both sides")
	}
	return pairs, nil
}
