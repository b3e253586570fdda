package wordpiece

import "fmt"

// Encoded is a text, or two, as a model takes it.
type Encoded struct {
	Pieces []Piece // [CLS] first, [SEP] after each text; these have no place in a text
	Types  []int32 // 0 for the first text and its [SEP], 1 for the second
}

// One is a text between [CLS] and [SEP], cut off at most pieces in all; 0 cuts nothing off.
func (t *Tokenizer) One(text string, most int) Encoded {
	pieces := t.Cut(text)
	if most > 0 {
		pieces = pieces[:min(len(pieces), max(0, most-2))]
	}
	return t.join(pieces)
}

// Two is two texts, as a question and a passage.
func (t *Tokenizer) Two(first, second string) Encoded { return t.join(t.Cut(first), t.Cut(second)) }

func (t *Tokenizer) join(texts ...[]Piece) Encoded {
	e := Encoded{Pieces: []Piece{{ID: t.Start}}, Types: []int32{0}}
	for i, pieces := range texts {
		e.Pieces = append(append(e.Pieces, pieces...), Piece{ID: t.End})
		for len(e.Types) < len(e.Pieces) {
			e.Types = append(e.Types, int32(i))
		}
	}
	return e
}

// IDs are the numbers of the pieces.
func (e Encoded) IDs() []int32 {
	ids := make([]int32, len(e.Pieces))
	for i, p := range e.Pieces {
		ids[i] = p.ID
	}
	return ids
}

// Window is a question and a part of a passage that is too long to be seen at once.
type Window struct {
	Encoded
	Passage int // the place of the passage's first piece
}

// Windows encodes a question with a passage in windows of at most so many pieces, each beginning stride pieces of the passage after the
// one before. A passage that fits is one window.
func (t *Tokenizer) Windows(question, passage string, most, stride int) ([]Window, error) {
	q, p := t.Cut(question), t.Cut(passage)
	room := most - len(q) - 3
	if stride < 1 || room < 1 || len(p) > room && stride > room {
		return nil, fmt.Errorf("wordpiece: a window of %d pieces with a question of %d has room for %d, stride is %d: it must be 1 to that room", most, len(q), max(0, room), stride)
	}
	var list []Window
	for from := 0; ; from += stride {
		to := min(len(p), from+room)
		list = append(list, Window{t.join(q, p[from:to]), len(q) + 2})
		if to == len(p) {
			return list, nil
		}
	}
}
