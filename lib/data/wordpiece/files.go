package wordpiece

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
)

const (
	vocabFile  = "vocab.txt"
	configFile = "tokenizer_config.json"
	largest    = 64 << 20 // bytes of a vocabulary
)

// config is Hugging Face's tokenizer_config.json.
type config struct {
	Class        string `json:"tokenizer_class"`
	Lowercase    *bool  `json:"do_lower_case,omitempty"`
	StripAccents *bool  `json:"strip_accents"`
	Chinese      *bool  `json:"tokenize_chinese_chars,omitempty"`
}

// Open reads a folder's vocab.txt, a piece a line, and, where it is there, Hugging Face's tokenizer_config.json; without one letters stay
// as they are if the vocabulary has capitals.
func Open(folder string) (*Tokenizer, error) {
	raw, err := files.Read(filepath.Join(folder, vocabFile), largest)
	if err != nil {
		return nil, err
	}
	pieces := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	o := Uncased()
	for i, p := range pieces {
		pieces[i] = strings.TrimSuffix(p, "\r")
		if !strings.HasPrefix(p, "[") && strings.ToLower(p) != p {
			o = Cased()
		}
	}
	path := filepath.Join(folder, configFile)
	raw, err = files.Read(path, largest)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		var c config
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, fmt.Errorf("wordpiece: %s is damaged: %w", path, err)
		}
		if c.Lowercase != nil {
			o.Lowercase = *c.Lowercase
		}
		if c.Chinese != nil {
			o.Chinese = *c.Chinese
		}
		o.StripAccents = c.StripAccents
	}
	return New(pieces, o)
}

// Save writes the two files that [Open] reads, and Hugging Face's BertTokenizer, too.
func (t *Tokenizer) Save(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(config{"BertTokenizer", &t.Options.Lowercase, t.Options.StripAccents, &t.Options.Chinese}, "", "  ")
	if err != nil {
		return fmt.Errorf("wordpiece: encoding %s: %w", configFile, err)
	}
	if err := renameio.WriteFile(filepath.Join(folder, vocabFile), []byte(strings.Join(t.pieces, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(folder, configFile), append(raw, '\n'), 0o644)
}
