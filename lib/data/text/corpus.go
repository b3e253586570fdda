package text

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"genlab/lib/data/decode"
	"genlab/lib/data/files"
)

// Corpus is a text in numbers.
type Corpus struct {
	Vocab             *Vocab
	Train, Validation []int32
	Repeated          float64 // share of the validation's lines that are in the training part too, see [Repeated]
}

// Load reads a file of text, UTF-8 or UTF-16; the given share of its characters, from the start on, is for training: 0.9, say.
func Load(path string, train float64) (*Corpus, error) {
	raw, err := files.Read(path, files.MaxText)
	if err != nil {
		return nil, err
	}
	text, err := decode.Text(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c, err := New(text, train)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// New makes a corpus of a text. The vocabulary is of the whole text: a character that only the validation part has still
// has a number.
func New(text string, train float64) (*Corpus, error) {
	if !(train > 0 && train <= 1) {
		return nil, fmt.Errorf("text: the training share is %g: it must be more than 0, at most 1", train)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if text == "" {
		return nil, errors.New("text: the text is empty")
	}
	if err := check(text); err != nil {
		return nil, err
	}
	c := &Corpus{Vocab: NewVocab(text)}
	tokens, err := c.Vocab.Encode(text)
	if err != nil {
		return nil, err
	}
	cut := int(train * float64(len(tokens)))
	c.Train, c.Validation = tokens[:cut:cut], tokens[cut:]
	at := 0
	for range cut {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	c.Repeated = Repeated(text[:at], text[at:])
	return c, nil
}

// Repeated is the share of a held-out text's lines that are also in the text that is learnt. Where it is large, what a model makes of the
// held-out text says little of new texts. Lines of fewer than twenty bytes, which repeat in any text, don't count.
func Repeated(learnt, held string) float64 {
	const short = 20
	seen := map[string]bool{}
	for line := range strings.Lines(learnt) {
		seen[strings.TrimSpace(line)] = true
	}
	var all, twice float64
	for line := range strings.Lines(held) {
		if line = strings.TrimSpace(line); len(line) >= short {
			all++
			if seen[line] {
				twice++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return twice / all
}

// check reports the first bytes that are no UTF-8, and how many there are.
func check(text string) error {
	first, count := -1, 0
	for at, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[at:]); size != 1 {
			continue // a replacement character that the text really has
		}
		if count++; first < 0 {
			first = at
		}
	}
	if first < 0 {
		return nil
	}
	return fmt.Errorf("text: byte %d (%s) is 0x%02x, which is no UTF-8, and so are %d more: save the text as UTF-8",
		first, decode.Position(text, first), text[first], count-1)
}

// Opticks is the path of Newton's Opticks in the Go toolchain.
func Opticks(ctx context.Context) (string, error) {
	root := os.Getenv("GOROOT")
	if root == "" {
		out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
		if err != nil {
			return "", fmt.Errorf("text: Newton's Opticks comes with Go, but `go env GOROOT` fails (%w); put go on the PATH, or name a file of your own", err)
		}
		root = strings.TrimSpace(string(out))
	}
	path := filepath.Join(root, "src", "testdata", "Isaac.Newton-Opticks.txt")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("text: this Go has no Newton's Opticks (%s); name a file of your own", path)
	} else if err != nil {
		return "", err
	}
	return path, nil
}
