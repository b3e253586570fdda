package translation

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
	"genlab/lib/data/tokens"
)

// The special tokens of a vocabulary; their ids are their places here.
var specialTokens = []string{"<pad>", "<s>", "</s>", "<unk>"}

// Ids of the special tokens.
const (
	Pad = iota
	Begin
	End
	Unknown
)

// space stands for a space before a word, as in SentencePiece.
const space = "▁"

// BPE is a vocabulary of byte-pair encoding over characters (Sennrich, Haddow & Birch, "Neural machine translation of rare words with
// subword units", 2015), with spaces kept as ▁. It trains and applies as Hugging Face's tokenizers do for the BPE model with the
// Metaspace pre-tokenizer, and reads and writes their tokenizer.json; special tokens in a text are plain text here.
type BPE struct {
	tokens []string // by id
	ids    map[string]int32
	merges tokens.Merges
}

// pretokenize splits a text into words, each with the ▁ of the space before it.
func pretokenize(text string) []string {
	text = strings.ReplaceAll(text, " ", space)
	if !strings.HasPrefix(text, space) {
		text = space + text
	}
	var words []string
	for start := 0; start < len(text); {
		next := strings.Index(text[start+len(space):], space)
		if next < 0 {
			return append(words, text[start:])
		}
		end := start + len(space) + next
		words = append(words, text[start:end])
		start = end
	}
	return words
}

// TrainBPE learns a vocabulary of at most size tokens from texts.
func TrainBPE(texts []string, size int) (*BPE, error) {
	counts := map[string]int{}
	for _, text := range texts {
		if text == "" {
			continue
		}
		for _, word := range pretokenize(text) {
			counts[word]++
		}
	}
	if len(counts) == 0 {
		return nil, errors.New("training a vocabulary: the texts are empty")
	}
	var alphabet []rune
	seen := map[rune]bool{}
	for word := range counts {
		for _, r := range word {
			if !seen[r] {
				seen[r] = true
				alphabet = append(alphabet, r)
			}
		}
	}
	slices.Sort(alphabet)
	if least := len(specialTokens) + len(alphabet); size < least {
		return nil, fmt.Errorf("training a vocabulary: size is %d: the texts have %d characters, so that it must be at least %d", size, len(alphabet), least)
	}

	b := &BPE{ids: map[string]int32{}}
	for _, token := range specialTokens {
		b.add(token)
	}
	for _, r := range alphabet {
		b.add(string(r))
	}
	var words []tokens.Word
	for word, count := range counts {
		words = append(words, tokens.Word{Tokens: b.characters(word), Count: count})
	}
	b.merges.Learn(words, 1, func() bool { return len(b.tokens) < size }, func(p tokens.Pair) int32 {
		return b.add(b.tokens[p[0]] + b.tokens[p[1]])
	})
	return b, nil
}

// add gives a token an id, or finds the one that it has: two merges may make one token.
func (b *BPE) add(token string) int32 {
	if id, ok := b.ids[token]; ok {
		return id
	}
	b.ids[token] = int32(len(b.tokens))
	b.tokens = append(b.tokens, token)
	return int32(len(b.tokens) - 1)
}

// characters gives the token of each.
func (b *BPE) characters(word string) []int32 {
	ids := make([]int32, 0, utf8.RuneCountInString(word))
	for _, r := range word {
		id, ok := b.ids[string(r)]
		if !ok {
			id = Unknown
		}
		ids = append(ids, id)
	}
	return ids
}

// Size is the number of tokens.
func (b *BPE) Size() int { return len(b.tokens) }

// Token is the text of a token, with ▁ for a space.
func (b *BPE) Token(id int32) string {
	if id < 0 || int(id) >= len(b.tokens) {
		return specialTokens[Unknown]
	}
	return b.tokens[id]
}

// Encode cuts a text into tokens. A character that the vocabulary lacks is [Unknown].
func (b *BPE) Encode(text string) []int32 {
	if text == "" {
		return nil
	}
	var out []int32
	for _, word := range pretokenize(text) {
		out = append(out, b.merges.Apply(b.characters(word))...)
	}
	return out
}

// Decode puts a text together. Special tokens are left out, but for [Unknown].
func (b *BPE) Decode(ids []int32) string {
	var text strings.Builder
	for _, id := range ids {
		if id != Pad && id != Begin && id != End {
			text.WriteString(b.Token(id))
		}
	}
	return strings.TrimPrefix(strings.ReplaceAll(text.String(), space, " "), " ")
}

// tokenizerFile is a tokenizer.json.
type tokenizerFile struct {
	Version      string          `json:"version"`
	Truncation   any             `json:"truncation"`
	Padding      any             `json:"padding"`
	AddedTokens  []addedToken    `json:"added_tokens"`
	Normalizer   json.RawMessage `json:"normalizer"`
	PreTokenizer metaspace       `json:"pre_tokenizer"`
	PostProcess  any             `json:"post_processor"`
	Decoder      metaspace       `json:"decoder"`
	Model        bpeModel        `json:"model"`
}

type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

type metaspace struct {
	Type        string `json:"type"`
	Replacement string `json:"replacement"`
	Prepend     string `json:"prepend_scheme"`
	Split       bool   `json:"split"`
}

type bpeModel struct {
	Type     string           `json:"type"`
	Dropout  any              `json:"dropout"`
	Unknown  string           `json:"unk_token"`
	Prefix   any              `json:"continuing_subword_prefix"`
	Suffix   any              `json:"end_of_word_suffix"`
	FuseUnk  bool             `json:"fuse_unk"`
	Fallback bool             `json:"byte_fallback"`
	Ignore   bool             `json:"ignore_merges"`
	Vocab    map[string]int32 `json:"vocab"`
	Merges   [][2]string      `json:"merges"`
}

// Save writes a tokenizer.json that Hugging Face's tokenizers read.
func (b *BPE) Save(path string) error {
	spaces := metaspace{"Metaspace", space, "always", true}
	file := tokenizerFile{
		Version: "1.0", Normalizer: json.RawMessage("null"), PreTokenizer: spaces, Decoder: spaces,
		Model: bpeModel{Type: "BPE", Unknown: specialTokens[Unknown], Vocab: b.ids},
	}
	for _, p := range b.merges.List {
		file.Model.Merges = append(file.Model.Merges, [2]string{b.tokens[p[0]], b.tokens[p[1]]})
	}
	for id, token := range specialTokens {
		file.AddedTokens = append(file.AddedTokens, addedToken{ID: id, Content: token, Special: true})
	}
	text, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return fmt.Errorf("writing the vocabulary: %w", err)
	}
	return renameio.WriteFile(path, append(text, '\n'), 0o644)
}

// LoadBPE reads a tokenizer.json of the kind that [BPE.Save] writes.
func LoadBPE(path string) (*BPE, error) {
	text, err := files.Read(path, 64<<20)
	if err != nil {
		return nil, fmt.Errorf("reading the vocabulary: %w", err)
	}
	var file tokenizerFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s is no vocabulary: %w", path, err)
	}
	m := file.Model
	if m.Type != "BPE" || file.PreTokenizer.Type != "Metaspace" || m.Unknown != specialTokens[Unknown] || m.FuseUnk || m.Fallback ||
		m.Ignore || string(file.Normalizer) != "null" {
		return nil, fmt.Errorf("%s has a model %q with pre-tokenizer %q: it must be BPE with Metaspace, unk_token %s, and no normalizer or byte fallback",
			path, m.Type, file.PreTokenizer.Type, specialTokens[Unknown])
	}
	b := &BPE{tokens: make([]string, len(m.Vocab)), ids: m.Vocab}
	for token, id := range m.Vocab {
		if id < 0 || int(id) >= len(b.tokens) || b.tokens[id] != "" {
			return nil, fmt.Errorf("%s: token %q has id %d: the ids of %d tokens must be 0 to %d, each once", path, token, id, len(b.tokens), len(b.tokens)-1)
		}
		b.tokens[id] = token
	}
	for id, token := range specialTokens {
		if len(b.tokens) <= id || b.tokens[id] != token {
			return nil, fmt.Errorf("%s: token %d must be %s", path, id, token)
		}
	}
	for _, pair := range m.Merges {
		left, okLeft := b.ids[pair[0]]
		right, okRight := b.ids[pair[1]]
		id, ok := b.ids[pair[0]+pair[1]]
		if !okLeft || !okRight || !ok {
			return nil, fmt.Errorf("%s: the merge of %q and %q needs tokens that the vocabulary lacks", path, pair[0], pair[1])
		}
		b.merges.Add(tokens.Pair{left, right}, id)
	}
	return b, nil
}
