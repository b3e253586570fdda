package translation

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/renameio/v2"
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
	ids    map[string]int
	ranks  map[[2]int]merge
	merges [][2]string
}

type merge struct{ rank, id int }

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

// trainedWord is a word of the corpus while merges are sought.
type trainedWord struct {
	ids   []int
	count int
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

	b := &BPE{ids: map[string]int{}, ranks: map[[2]int]merge{}}
	for _, token := range specialTokens {
		b.add(token)
	}
	for _, r := range alphabet {
		b.add(string(r))
	}
	var words []*trainedWord
	for word, count := range counts {
		w := &trainedWord{count: count}
		for _, r := range word {
			w.ids = append(w.ids, b.ids[string(r)])
		}
		words = append(words, w)
	}

	pairs := map[[2]int]int{}                       // how often
	where := map[[2]int]map[*trainedWord]struct{}{} // and in which words
	tally := func(w *trainedWord, sign int) {
		for i := range len(w.ids) - 1 {
			pair := [2]int{w.ids[i], w.ids[i+1]}
			pairs[pair] += sign * w.count
			if where[pair] == nil {
				where[pair] = map[*trainedWord]struct{}{}
			}
			where[pair][w] = struct{}{}
		}
	}
	for _, w := range words {
		tally(w, 1)
	}
	for len(b.tokens) < size {
		var best [2]int
		most := 0
		for pair, count := range pairs {
			if count > most || count == most && count > 0 && slices.Compare(pair[:], best[:]) < 0 {
				best, most = pair, count
			}
		}
		if most < 1 {
			break
		}
		id := b.add(b.tokens[best[0]] + b.tokens[best[1]])
		b.addMerge(best, id)
		for w := range where[best] {
			tally(w, -1)
			w.ids = mergeAll(w.ids, best, id)
			tally(w, 1)
		}
		delete(pairs, best)
		delete(where, best)
	}
	return b, nil
}

// add gives a token an id, or finds the one that it has: two merges may make one token.
func (b *BPE) add(token string) int {
	if id, ok := b.ids[token]; ok {
		return id
	}
	b.ids[token] = len(b.tokens)
	b.tokens = append(b.tokens, token)
	return len(b.tokens) - 1
}

func (b *BPE) addMerge(pair [2]int, id int) {
	b.ranks[pair] = merge{len(b.merges), id}
	b.merges = append(b.merges, [2]string{b.tokens[pair[0]], b.tokens[pair[1]]})
}

func mergeAll(ids []int, pair [2]int, id int) []int {
	out := ids[:0]
	for i := 0; i < len(ids); i++ {
		if i+1 < len(ids) && ids[i] == pair[0] && ids[i+1] == pair[1] {
			out = append(out, id)
			i++
		} else {
			out = append(out, ids[i])
		}
	}
	return out
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
		for _, id := range b.encodeWord(word) {
			out = append(out, int32(id))
		}
	}
	return out
}

func (b *BPE) encodeWord(word string) []int {
	ids := make([]int, 0, utf8.RuneCountInString(word))
	for _, r := range word {
		id, ok := b.ids[string(r)]
		if !ok {
			id = Unknown
		}
		ids = append(ids, id)
	}
	for {
		var best merge
		var pair [2]int
		found := false
		for i := range len(ids) - 1 {
			p := [2]int{ids[i], ids[i+1]}
			if m, ok := b.ranks[p]; ok && (!found || m.rank < best.rank) {
				best, pair, found = m, p, true
			}
		}
		if !found {
			return ids
		}
		ids = mergeAll(ids, pair, best.id)
	}
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
	Type     string         `json:"type"`
	Dropout  any            `json:"dropout"`
	Unknown  string         `json:"unk_token"`
	Prefix   any            `json:"continuing_subword_prefix"`
	Suffix   any            `json:"end_of_word_suffix"`
	FuseUnk  bool           `json:"fuse_unk"`
	Fallback bool           `json:"byte_fallback"`
	Ignore   bool           `json:"ignore_merges"`
	Vocab    map[string]int `json:"vocab"`
	Merges   [][2]string    `json:"merges"`
}

// Save writes a tokenizer.json that Hugging Face's tokenizers read.
func (b *BPE) Save(path string) error {
	spaces := metaspace{"Metaspace", space, "always", true}
	file := tokenizerFile{
		Version: "1.0", Normalizer: json.RawMessage("null"), PreTokenizer: spaces, Decoder: spaces,
		Model: bpeModel{Type: "BPE", Unknown: specialTokens[Unknown], Vocab: b.ids, Merges: b.merges},
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
	text, err := os.ReadFile(path)
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
	b := &BPE{tokens: make([]string, len(m.Vocab)), ids: m.Vocab, ranks: map[[2]int]merge{}}
	for token, id := range m.Vocab {
		if id < 0 || id >= len(b.tokens) || b.tokens[id] != "" {
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
		b.addMerge([2]int{left, right}, id)
	}
	return b, nil
}
