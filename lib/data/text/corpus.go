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
)

// Corpus is a text in numbers.
type Corpus struct {
	Vocab             *Vocab
	Train, Validation []int32
}

// Load reads a UTF-8 file; the given share of its characters, from the start on, is for training: 0.9, say.
func Load(path string, train float64) (*Corpus, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := New(string(raw), train)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// New makes a corpus of a text. The vocabulary is of the whole text: a character that only the validation part has still
// has a number.
func New(text string, train float64) (*Corpus, error) {
	if !(train > 0 && train <= 1) {
		return nil, fmt.Errorf("text: the training share is %g; want more than 0, at most 1", train)
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
	return c, nil
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
		first, position(text, first), text[first], count-1)
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
