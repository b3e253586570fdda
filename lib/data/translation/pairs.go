package translation

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// maxLine is the longest line of a file of texts, in bytes.
const maxLine = 1 << 20

// ReadTSV reads pairs from lines of two columns, source and target, with a tab between; further columns are left aside. Lines with
// nothing in them, and pairs with an empty side, are passed over.
func ReadTSV(r io.Reader) ([]Pair, error) {
	var pairs []Pair
	err := eachLine(r, func(number int, line string) error {
		if line == "" {
			return nil
		}
		columns := strings.Split(line, "\t")
		if len(columns) < 2 {
			return fmt.Errorf("line %d has no tab between source and target: %.60q", number, line)
		}
		pairs = appendPair(pairs, columns[0], columns[1])
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading pairs: %w", err)
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

// Load reads pairs from files: one of two columns when target is "", else one for each language.
func Load(source, target string) (pairs []Pair, err error) {
	from, err := os.Open(source)
	if err != nil {
		return nil, fmt.Errorf("opening the pairs: %w", err)
	}
	defer func() { _ = from.Close() }() // only read
	if target == "" {
		pairs, err = ReadTSV(from)
	} else {
		to, openErr := os.Open(target)
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

func eachLine(r io.Reader, do func(number int, line string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	number := 0
	for lines.Scan() {
		number++
		line := lines.Text()
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if !utf8.ValidString(line) {
			return fmt.Errorf("line %d is not UTF-8: save the file as UTF-8", number)
		}
		if err := do(number, strings.TrimRight(line, "\r")); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", number+1, err)
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
