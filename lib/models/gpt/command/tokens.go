package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"genlab/lib/data/text"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
)

// readTokens numbers a text, by characters or by a BPE vocabulary learnt from the training part, and splits it. repeated is the share of
// held-out lines that stand in the training part too.
func readTokens(path string, vocabulary int) (tok tokens.Tokenizer, training, validation []int32, repeated float64, err error) {
	all, err := tokens.ReadText(path)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	const share = 0.9
	if vocabulary == 0 {
		c, err := text.New(all, share)
		if err != nil {
			return nil, nil, nil, 0, fmt.Errorf("%s: %w", path, err)
		}
		return c.Vocab, c.Train, c.Validation, c.Repeated, nil
	}
	if all == "" {
		return nil, nil, nil, 0, fmt.Errorf("%s is empty", path)
	}
	cut := int(share * float64(len(all)))
	for cut > 0 && all[cut]&0xC0 == 0x80 { // not amid a character
		cut--
	}
	bpe, err := tokens.Learn(all[:cut], vocabulary)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	if training, err = bpe.Encode(all[:cut]); err == nil {
		validation, err = bpe.Encode(all[cut:])
	}
	return bpe, training, validation, text.Repeated(all[:cut], all[cut:]), err
}

// keepTokenizer writes the tokenizer into the run, or compares it with the one that is there.
func keepTokenizer(run string, tok tokens.Tokenizer) error {
	old, err := tokens.Open(run)
	if errors.Is(err, os.ErrNotExist) {
		return tokens.Save(run, tok)
	}
	if err != nil {
		return err
	}
	if old.Len() != tok.Len() {
		return fmt.Errorf("%s was started on a text with %d tokens, this one has %d: give the same text, or name another run directory", run, old.Len(), tok.Len())
	}
	for id := range int32(tok.Len()) {
		before, err := old.Decode([]int32{id})
		now, err2 := tok.Decode([]int32{id})
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if before != now {
			return fmt.Errorf("%s was started on another text, whose tokens are others: give the same text, or name another run directory", run)
		}
	}
	return nil
}

// asText makes a sampling draw tokens that stand for text alone, and stop where the model in a folder ends its texts.
func asText(cfg *gpt.SampleConfig, folder string, m *gpt.Model, tok tokens.Tokenizer) error {
	ends, err := tokens.Ends(folder, tok)
	cfg.Stop = append(cfg.Stop, ends...)
	cfg.Never = slices.DeleteFunc(tokens.Textless(tok, m.Config.VocabSize), func(t int32) bool { return slices.Contains(ends, t) })
	return err
}

// openTokenizer reads the tokenizer beside a model and compares the two with each other.
func openTokenizer(folder string, m *gpt.Model) (tokens.Tokenizer, error) {
	tok, err := tokens.Open(folder)
	if err != nil {
		return nil, err
	}
	if tok.Len() > m.Config.VocabSize {
		return nil, fmt.Errorf("%s: the vocabulary has %d tokens, the weights know %d: they don't belong together", folder, tok.Len(), m.Config.VocabSize)
	}
	return tok, nil
}

// textOr is the path that was given, or the Opticks'.
func textOr(ctx context.Context, path string) (string, error) {
	if path != "" {
		return path, nil
	}
	return text.Opticks(ctx)
}
