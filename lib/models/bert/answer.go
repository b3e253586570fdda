package bert

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Window is a question and a part of the passage to answer it from: [CLS] question [SEP] passage [SEP].
type Window struct {
	Pieces, Types []int32
	Passage       int // the place of the passage's first piece
}

// Answer is where a question's answer stands.
type Answer struct {
	Window      int
	First, Last int // places in the window
	// Score is how much likelier the answer is than that there is none, the logarithm of the ratio: below 0 there is none.
	Score float64
}

// longestAnswer is in pieces, as in the authors' code.
const longestAnswer = 30

// Answers finds the answer of each question in its windows: the best first and last place of all, held against [CLS], which stands for no
// answer (Devlin et al., "BERT", 2019, section 4.3).
func (m *Model) Answers(ctx context.Context, questions [][]Window) ([]Answer, error) {
	if m.Config.Head != Span {
		return nil, errors.New("bert: this model has no head that finds answers: train one on questions, or take one of BertForQuestionAnswering")
	}
	var texts, types [][]int32
	for i, windows := range questions {
		for _, w := range windows {
			if w.Passage < 1 || w.Passage >= len(w.Pieces)-1 || len(w.Types) != len(w.Pieces) {
				return nil, fmt.Errorf("bert: question %d: a window's passage begins at %d of %d pieces: it must have a piece before its end", i, w.Passage, len(w.Pieces))
			}
			texts, types = append(texts, w.Pieces), append(types, w.Types)
		}
	}
	batches, err := m.Config.batches(texts, types)
	if err != nil {
		return nil, err
	}
	logits := make([][][]float32, len(texts)) // [window][piece][first or last]
	for _, b := range batches {
		out, err := m.run.Call(ctx, "answer", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{m.net.Logits(s, Text{Pieces: in[0], Mask: in[1], Types: in[2]})}
		}, b.pieces, b.mask, b.types)
		if err != nil {
			return nil, err
		}
		for row, of := range out[0].Value().([][][]float32)[:len(b.places)] {
			logits[b.places[row]] = of
		}
	}
	answers := make([]Answer, len(questions))
	at := 0
	for i, windows := range questions {
		answers[i] = best(windows, logits[at:at+len(windows)])
		at += len(windows)
	}
	return answers, nil
}

// best is the best answer of some windows.
func best(windows []Window, logits [][][]float32) Answer {
	a, none := Answer{Score: math.Inf(-1)}, math.Inf(1)
	for w, of := range logits {
		none = min(none, float64(of[0][0])+float64(of[0][1]))
		end := len(windows[w].Pieces) - 1 // [SEP]
		for first := windows[w].Passage; first < end; first++ {
			for last := first; last < min(end, first+longestAnswer); last++ {
				if score := float64(of[first][0]) + float64(of[last][1]); score > a.Score {
					a = Answer{w, first, last, score}
				}
			}
		}
	}
	a.Score -= none
	return a
}
