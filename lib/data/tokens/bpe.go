package tokens

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
)

// BPE is GPT-2's byte-level byte-pair encoding (Sennrich, Haddow & Birch, "Neural machine translation of rare words with subword
// units", 2015, section 3.2; over bytes since Radford et al., 2019, section 2.2): a text's bytes, merged pair by pair in the order
// in which the pairs were learnt. Any text can be encoded, and decodes to itself. It is for one goroutine at a time.
type BPE struct {
	tokens []string // the bytes of each token
	merges Merges
	bytes  [256]int32
	known  map[string][]int32 // pieces met so far

	own           int            // tokens of vocab.json; those that follow are special ones
	special       [256][]special // by their first byte, longest first
	anySpecial    bool
	prefixSpace   bool    // text begins with a space, added where there is none
	before, after []int32 // of every text
	ends          []int32 // where a text is over
}

// alphabet is GPT-2's character for each byte in vocab.json and merges.txt: printable ones are themselves, the others stand from
// U+0100 on. Tokens 0 to 255 come in the order of these characters.
var alphabet = func() (table [256]rune) {
	next := rune(256)
	for b := range table {
		switch r := rune(b); {
		case r >= '!' && r <= '~', r >= '¡' && r <= '¬', r >= '®':
			table[b] = r
		default:
			table[b] = next
			next++
		}
	}
	return table
}()

// newBPE has a token for each byte and no merges.
func newBPE() *BPE {
	b := &BPE{known: map[string][]int32{}}
	for r := rune(0); r < 512; r++ {
		for value, char := range alphabet {
			if char == r {
				b.bytes[value] = int32(len(b.tokens))
				b.tokens = append(b.tokens, string([]byte{byte(value)}))
			}
		}
	}
	return b
}

// Len is the number of tokens.
func (b *BPE) Len() int { return len(b.tokens) }

// Encode turns a text into tokens. Special tokens that came with the tokenizer, such as <|endoftext|>, stand for themselves.
func (b *BPE) Encode(text string) ([]int32, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("tokens: the text isn't UTF-8: save it as UTF-8")
	}
	list := append(make([]int32, 0, len(text)/3), b.before...)
	for _, p := range b.cutSpecial(text) {
		switch {
		case p.id >= 0:
			list = append(list, p.id)
		case b.prefixSpace && !strings.HasPrefix(p.text, " "):
			list = b.encode(list, " "+p.text)
		default:
			list = b.encode(list, p.text)
		}
	}
	return append(list, b.after...), nil
}

// encode appends the tokens of a text without special ones.
func (b *BPE) encode(list []int32, text string) []int32 {
	const keep = 1 << 17 // pieces; a program that runs for days shouldn't grow
	for p := range pieces(text) {
		ids, ok := b.known[p]
		if !ok {
			ids = b.merge(p)
			if len(b.known) < keep {
				b.known[strings.Clone(p)] = ids
			}
		}
		list = append(list, ids...)
	}
	return list
}

// merge encodes one piece.
func (b *BPE) merge(piece string) []int32 {
	ids := make([]int32, len(piece))
	for i := range ids {
		ids[i] = b.bytes[piece[i]]
	}
	return b.merges.Apply(ids)
}

// Decode joins the bytes of tokens.
func (b *BPE) Decode(tokens []int32) (string, error) {
	var s strings.Builder
	for i, t := range tokens {
		if t < 0 || int(t) >= len(b.tokens) {
			return "", fmt.Errorf("tokens: token %d is %d; the vocabulary has 0 to %d", i, t, len(b.tokens)-1)
		}
		if b.tokens[t] == "" {
			return "", fmt.Errorf("tokens: token %d is %d, which stands for no text", i, t)
		}
		s.WriteString(b.tokens[t])
	}
	return s.String(), nil
}

// ID finds a token by its text, such as <|endoftext|>.
func (b *BPE) ID(token string) (int32, bool) {
	for i, t := range b.tokens {
		if t == token {
			return int32(i), true
		}
	}
	return 0, false
}

// show is a token in GPT-2's alphabet.
func (b *BPE) show(id int32) string {
	var s strings.Builder
	for _, value := range []byte(b.tokens[id]) {
		s.WriteRune(alphabet[value])
	}
	return s.String()
}

func (b *BPE) save(folder string) error {
	vocab := map[string]int{}
	for i := range b.tokens[:b.own] {
		vocab[b.show(int32(i))] = i
	}
	raw, err := json.Marshal(vocab)
	if err != nil {
		return fmt.Errorf("tokens: encoding vocab.json: %w", err)
	}
	if err := renameio.WriteFile(filepath.Join(folder, "vocab.json"), append(raw, '\n'), 0o644); err != nil {
		return err
	}
	var lines bytes.Buffer
	lines.WriteString("#version: 0.2\n")
	for _, p := range b.merges.List {
		lines.WriteString(b.show(p[0]) + " " + b.show(p[1]) + "\n")
	}
	if err := renameio.WriteFile(filepath.Join(folder, "merges.txt"), lines.Bytes(), 0o644); err != nil {
		return err
	}
	return b.saveConfig(folder)
}

// openBPE reads GPT-2's files, and gives their vocabulary, too.
func openBPE(folder string) (*BPE, map[string]int32, error) {
	path := filepath.Join(folder, "vocab.json")
	raw, err := files.Read(path, maxFile)
	if err != nil {
		return nil, nil, fmt.Errorf("tokens: %s holds no tokenizer (characters.json, tokenizer.json, or vocab.json and merges.txt): %w", folder, err)
	}
	var vocab map[string]int32
	if err := json.Unmarshal(raw, &vocab); err != nil {
		return nil, nil, fmt.Errorf("tokens: %s is damaged: %w", path, err)
	}
	b, err := newVocabulary(vocab, path)
	if err != nil {
		return nil, nil, err
	}
	return b, vocab, b.readMerges(filepath.Join(folder, "merges.txt"), vocab)
}

// newVocabulary has the tokens of a file, and no merges.
func newVocabulary(vocab map[string]int32, path string) (*BPE, error) {
	b := &BPE{own: len(vocab), tokens: make([]string, len(vocab)), known: map[string][]int32{}}
	taken := make([]bool, len(vocab))
	for shown, id := range vocab {
		if shown == "" {
			return nil, fmt.Errorf("tokens: %s: a token without text has number %d", path, id)
		}
		if id < 0 || int(id) >= len(vocab) || taken[id] {
			return nil, fmt.Errorf("tokens: %s: %q has number %d: the numbers must be 0 to %d, each once", path, shown, id, len(vocab)-1)
		}
		b.tokens[id], taken[id] = hidden(shown), true
	}
	for value, char := range alphabet {
		id, ok := vocab[string(char)]
		if !ok {
			return nil, fmt.Errorf("tokens: %s has no token for byte 0x%02x (%q)", path, value, char)
		}
		b.bytes[value] = id
	}
	return b, nil
}

func (b *BPE) readMerges(path string, vocab map[string]int32) error {
	f, _, err := files.Open(path)
	if err != nil {
		return fmt.Errorf("tokens: reading the merges: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || n == 1 && strings.HasPrefix(line, "#version") {
			continue
		}
		left, right, _ := strings.Cut(line, " ")
		if err := b.addMerge(left, right, vocab); err != nil {
			return fmt.Errorf("tokens: %s, line %d: %w", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("tokens: reading %s: %w", path, err)
	}
	return nil
}

// addMerge adds a pair, in GPT-2's alphabet.
func (b *BPE) addMerge(left, right string, vocab map[string]int32) error {
	l, ok1 := vocab[left]
	r, ok2 := vocab[right]
	token, ok3 := vocab[left+right]
	if !ok1 || !ok2 || !ok3 {
		return fmt.Errorf("%q isn't two tokens of the vocabulary that make a third", left+" "+right)
	}
	b.merges.Add(Pair{l, r}, token)
	return nil
}

// hidden is the inverse of [BPE.show]; a token with characters beyond the alphabet, a special one, stands for itself.
func hidden(shown string) string {
	var s strings.Builder
	for _, r := range shown {
		value, ok := byteOf[r]
		if !ok {
			return shown
		}
		s.WriteByte(value)
	}
	return s.String()
}

var byteOf = func() map[rune]byte {
	m := map[rune]byte{}
	for value, char := range alphabet {
		m[char] = byte(value)
	}
	return m
}()
