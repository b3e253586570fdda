package tokens

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
)

// maxFile is the most bytes that a tokenizer's file may have; the largest known take about 40 MB.
const maxFile = 64 << 20

// maxToken bounds the numbers of tokens, which a table is made for.
const maxToken = 1 << 21

// added is a token as Hugging Face's files describe it.
type added struct {
	ID         *int32 `json:"id,omitempty"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	Left       bool   `json:"lstrip"`
	Right      bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// UnmarshalJSON takes a mere text, too.
func (a *added) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &a.Content)
	}
	type plain added
	return json.Unmarshal(raw, (*plain)(a))
}

// named are the special tokens that have a part to play: of tokenizer_config.json and special_tokens_map.json.
type named struct {
	BOS        *added  `json:"bos_token"`
	EOS        *added  `json:"eos_token"`
	UNK        *added  `json:"unk_token"`
	SEP        *added  `json:"sep_token"`
	PAD        *added  `json:"pad_token"`
	CLS        *added  `json:"cls_token"`
	Mask       *added  `json:"mask_token"`
	Additional []added `json:"additional_special_tokens"`
}

func (n named) all() []added {
	var list []added
	for _, a := range []*added{n.BOS, n.EOS, n.UNK, n.SEP, n.PAD, n.CLS, n.Mask} {
		if a != nil {
			list = append(list, *a)
		}
	}
	return append(list, n.Additional...)
}

// tokenizerConfig is of tokenizer_config.json what changes a text's tokens.
type tokenizerConfig struct {
	named
	AddPrefixSpace *bool            `json:"add_prefix_space"`
	AddBOS         *bool            `json:"add_bos_token"`
	AddEOS         *bool            `json:"add_eos_token"`
	Decoder        map[int32]*added `json:"added_tokens_decoder"`
}

// tokenizerFile is tokenizer.json, as the tokenizers library writes it.
type tokenizerFile struct {
	Added        []added         `json:"added_tokens"`
	Normalizer   json.RawMessage `json:"normalizer"`
	PreTokenizer struct {
		Type           string `json:"type"`
		AddPrefixSpace bool   `json:"add_prefix_space"`
		UseRegex       *bool  `json:"use_regex"`
	} `json:"pre_tokenizer"`
	PostProcessor struct {
		Single []struct { // of TemplateProcessing: the text, and what stands before and after it
			Special *struct {
				ID string `json:"id"`
			} `json:"SpecialToken"`
		} `json:"single"`
	} `json:"post_processor"`
	Model struct {
		Type         string            `json:"type"`
		Vocab        map[string]int32  `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
		Prefix       *string           `json:"continuing_subword_prefix"`
		Suffix       *string           `json:"end_of_word_suffix"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
	} `json:"model"`
}

// check refuses what isn't GPT-2's kind.
func (f *tokenizerFile) check() error {
	filled := func(s *string) bool { return s != nil && *s != "" }
	switch {
	case f.Model.Type != "BPE" && f.Model.Type != "":
		return fmt.Errorf("the model's type is %q: it must be BPE", f.Model.Type)
	case f.PreTokenizer.Type != "ByteLevel" || f.PreTokenizer.UseRegex != nil && !*f.PreTokenizer.UseRegex:
		return fmt.Errorf("the pre_tokenizer is %q: it must be ByteLevel with GPT-2's expression", f.PreTokenizer.Type)
	case len(f.Normalizer) > 0 && string(f.Normalizer) != "null":
		return errors.New("the normalizer is set: it must be null")
	case filled(f.Model.Prefix) || filled(f.Model.Suffix) || f.Model.ByteFallback || f.Model.IgnoreMerges:
		return errors.New("the model has a subword prefix, a word suffix, byte_fallback or ignore_merges: GPT-2's has none")
	}
	return nil
}

// pairs gives the merges, each written as "a b" or as ["a", "b"].
func (f *tokenizerFile) pairs() ([][2]string, error) {
	list := make([][2]string, len(f.Model.Merges))
	for i, raw := range f.Model.Merges {
		var text string
		if err := json.Unmarshal(raw, &text); err == nil {
			list[i][0], list[i][1], _ = strings.Cut(text, " ")
			continue
		}
		var two []string
		if err := json.Unmarshal(raw, &two); err != nil || len(two) != 2 {
			return nil, fmt.Errorf("merge %d is %s: it must be two tokens", i, raw)
		}
		list[i] = [2]string{two[0], two[1]}
	}
	return list, nil
}

// readJSON fills a value from a file of a folder, and says whether there is one.
func readJSON(folder, name string, into any) (bool, error) {
	path := filepath.Join(folder, name)
	raw, err := files.Read(path, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("tokens: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return false, fmt.Errorf("tokens: %s is damaged: %w", path, err)
	}
	return true, nil
}

// openHuggingFace reads a folder's byte-level tokenizer, as transformers' AutoTokenizer does: tokenizer.json, or vocab.json and
// merges.txt; what tokenizer_config.json, special_tokens_map.json and added_tokens.json add.
func openHuggingFace(folder string) (*BPE, error) {
	var file tokenizerFile
	var b *BPE
	var vocab map[string]int32 // in GPT-2's alphabet
	whole, err := readJSON(folder, "tokenizer.json", &file)
	if err != nil {
		return nil, err
	}
	if whole {
		vocab = file.Model.Vocab
		b, err = file.open(filepath.Join(folder, "tokenizer.json"))
	} else {
		b, vocab, err = openBPE(folder)
	}
	if err != nil {
		return nil, err
	}

	var config tokenizerConfig
	if _, err := readJSON(folder, "tokenizer_config.json", &config); err != nil {
		return nil, err
	}
	if config.AddPrefixSpace != nil {
		b.prefixSpace = *config.AddPrefixSpace
	}
	var list []added
	for id, a := range config.Decoder {
		if a != nil {
			a.ID = &id
			list = append(list, *a)
		}
	}
	slices.SortFunc(list, func(x, y added) int { return int(*x.ID - *y.ID) })
	if config.Decoder == nil { // as older versions kept it
		var more named
		if _, err := readJSON(folder, "special_tokens_map.json", &more); err != nil {
			return nil, err
		}
		config.named = config.orElse(more)
		var numbers map[string]int32
		if _, err := readJSON(folder, "added_tokens.json", &numbers); err != nil {
			return nil, err
		}
		for text, id := range numbers {
			list = append(list, added{ID: &id, Content: text})
		}
		slices.SortFunc(list, func(x, y added) int { return int(*x.ID - *y.ID) })
		list = append(list, file.Added...)
	}
	list = append(list, config.all()...)
	const usual = "<|endoftext|>"
	for _, a := range append(list, added{Content: usual}) {
		if err := b.add(a, vocab); err != nil {
			return nil, fmt.Errorf("tokens: %s: %w", folder, err)
		}
	}

	before := true
	for _, item := range file.PostProcessor.Single {
		switch {
		case item.Special == nil:
			before = false
		case before:
			b.before = append(b.before, b.specials(item.Special.ID)...)
		default:
			b.after = append(b.after, b.specials(item.Special.ID)...)
		}
	}
	text := func(a *added) string {
		if a == nil {
			return usual
		}
		return a.Content
	}
	b.ends = b.specials(text(config.EOS))
	if config.AddBOS != nil || config.AddEOS != nil {
		b.before, b.after = nil, nil
	}
	if config.AddBOS != nil && *config.AddBOS {
		b.before = b.specials(text(config.BOS))
	}
	if config.AddEOS != nil && *config.AddEOS {
		b.after = b.ends
	}
	return b, nil
}

// specials is the number of a special token, or none.
func (b *BPE) specials(text string) []int32 {
	if text == "" {
		return nil
	}
	for _, s := range b.special[text[0]] {
		if s.text == text {
			return []int32{s.id}
		}
	}
	return nil
}

// orElse takes from another what isn't set.
func (n named) orElse(o named) named {
	for _, p := range []struct{ mine, other **added }{
		{&n.BOS, &o.BOS}, {&n.EOS, &o.EOS}, {&n.UNK, &o.UNK}, {&n.SEP, &o.SEP}, {&n.PAD, &o.PAD}, {&n.CLS, &o.CLS}, {&n.Mask, &o.Mask},
	} {
		if *p.other != nil {
			*p.mine = *p.other
		}
	}
	n.Additional = append(n.Additional, o.Additional...)
	return n
}

// open makes the tokenizer of tokenizer.json, without its special tokens.
func (f *tokenizerFile) open(path string) (*BPE, error) {
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("tokens: %s: %w", path, err)
	}
	b, err := newVocabulary(f.Model.Vocab, path)
	if err != nil {
		return nil, err
	}
	merges, err := f.pairs()
	if err != nil {
		return nil, fmt.Errorf("tokens: %s: %w", path, err)
	}
	for i, m := range merges {
		if err := b.addMerge(m[0], m[1], f.Model.Vocab); err != nil {
			return nil, fmt.Errorf("tokens: %s, merge %d: %w", path, i, err)
		}
	}
	b.prefixSpace = f.PreTokenizer.AddPrefixSpace
	return b, nil
}

// add makes a token special. It has its number in the vocabulary, or else one of its own; with neither it is left out: the
// number that transformers would give it means nothing to the weights.
func (b *BPE) add(a added, vocab map[string]int32) error {
	if a.Content == "" {
		return nil
	}
	id, ok := vocab[a.Content]
	if !ok {
		if a.ID == nil {
			return nil
		}
		id = *a.ID
		if id < 0 || id >= maxToken {
			return fmt.Errorf("token %q has number %d: it must be 0 to %d", a.Content, id, maxToken-1)
		}
		for int(id) >= len(b.tokens) {
			b.tokens = append(b.tokens, "")
		}
		if b.tokens[id] == hidden(a.Content) { // named twice
			return nil
		}
		if b.tokens[id] != "" {
			return fmt.Errorf("token %q has number %d, as %q has", a.Content, id, b.tokens[id])
		}
		b.tokens[id] = hidden(a.Content)
	}
	b.addSpecial(special{a.Content, id, a.SingleWord, a.Left, a.Right, a.Normalized})
	return nil
}

// saveConfig writes what vocab.json and merges.txt don't say, if there is any, as tokenizer_config.json.
func (b *BPE) saveConfig(folder string) error {
	if !b.anySpecial && !b.prefixSpace {
		return nil
	}
	decoder := map[int32]added{}
	for _, list := range b.special {
		for _, s := range list {
			decoder[s.id] = added{Content: s.text, SingleWord: s.word, Left: s.left, Right: s.right, Normalized: s.late, Special: !s.late}
		}
	}
	config := map[string]any{"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": b.prefixSpace, "added_tokens_decoder": decoder}
	for name, ids := range map[string][]int32{"eos_token": b.ends, "bos_token": b.before} {
		if len(ids) > 0 {
			config[name] = decoder[ids[0]].Content
		}
	}
	config["add_bos_token"], config["add_eos_token"] = len(b.before) > 0, len(b.after) > 0
	raw, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return fmt.Errorf("tokens: encoding tokenizer_config.json: %w", err)
	}
	return renameio.WriteFile(filepath.Join(folder, "tokenizer_config.json"), append(raw, '\n'), 0o644)
}

// Ends lists the tokens that end a text of a model: what its generation_config.json or, without one, its config.json calls
// eos_token_id, or what its tokenizer does. It may be none.
func Ends(folder string, t Tokenizer) ([]int32, error) {
	for _, name := range []string{"generation_config.json", "config.json"} {
		var config struct {
			EOS json.RawMessage `json:"eos_token_id"`
		}
		if _, err := readJSON(folder, name, &config); err != nil {
			return nil, err
		}
		var one int32
		var list []int32
		switch {
		case len(config.EOS) == 0 || string(config.EOS) == "null":
			continue
		case json.Unmarshal(config.EOS, &one) == nil:
			return []int32{one}, nil
		case json.Unmarshal(config.EOS, &list) == nil:
			return list, nil
		}
		return nil, fmt.Errorf("tokens: %s: eos_token_id is %s: it must be a token's number, or a list of them", filepath.Join(folder, name), config.EOS)
	}
	if b, ok := t.(*BPE); ok {
		return slices.Clone(b.ends), nil
	}
	return nil, nil
}

// Textless lists those of a model's tokens, 0 to vocabulary-1, that stand for no text: the weights of many models have more tokens than
// their tokenizer, up to a round number. They must never be drawn.
func Textless(t Tokenizer, vocabulary int) []int32 {
	var list []int32
	for id := range int32(vocabulary) {
		if _, err := t.Decode([]int32{id}); err != nil {
			list = append(list, id)
		}
	}
	return list
}
