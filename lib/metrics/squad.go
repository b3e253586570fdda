package metrics

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// SQuAD is how well questions are answered, each number 0 to 100, as SQuAD's own evaluate-v2.0.py has it (Rajpurkar, Jia & Liang, "Know what
// you don't know: unanswerable questions for SQuAD", 2018).
type SQuAD struct {
	Exact, F1               float64
	HasAnswerExact, HasF1   float64 // of the questions that have an answer
	NoAnswer                float64 // of those that have none
	Total, HasAnswer, Other int     // questions
}

// ScoreSQuAD holds predictions, "" for no answer, against the right answers of each question, none where there is none. What is compared
// is lower case without punctuation and articles; of several right answers the best counts.
func ScoreSQuAD(predictions []string, answers [][]string) (SQuAD, error) {
	if len(predictions) != len(answers) {
		return SQuAD{}, fmt.Errorf("metrics: %d predictions for %d questions: there must be as many", len(predictions), len(answers))
	}
	if len(answers) == 0 {
		return SQuAD{}, errors.New("metrics: there is no question to score")
	}
	var s SQuAD
	for i, right := range answers {
		kept := make([]string, 0, len(right))
		for _, a := range right {
			if evenAnswer(a) != "" {
				kept = append(kept, a)
			}
		}
		has := len(kept) > 0
		if !has {
			kept = []string{""}
		}
		exact, f1 := 0.0, 0.0
		for _, a := range kept {
			if evenAnswer(a) == evenAnswer(predictions[i]) {
				exact = 100
			}
			f1 = max(f1, answerF1(a, predictions[i]))
		}
		s.Total, s.Exact, s.F1 = s.Total+1, s.Exact+exact, s.F1+f1
		if len(right) > 0 {
			s.HasAnswer, s.HasAnswerExact, s.HasF1 = s.HasAnswer+1, s.HasAnswerExact+exact, s.HasF1+f1
		} else {
			s.Other, s.NoAnswer = s.Other+1, s.NoAnswer+exact
		}
	}
	s.Exact, s.F1 = s.Exact/float64(s.Total), s.F1/float64(s.Total)
	s.HasAnswerExact, s.HasF1 = s.HasAnswerExact/float64(max(1, s.HasAnswer)), s.HasF1/float64(max(1, s.HasAnswer))
	s.NoAnswer /= float64(max(1, s.Other))
	return s, nil
}

// article is Python's \b(a|an|the)\b, whose words are of all scripts.
var article = regexp.MustCompile(`(^|[^\pL\pN_])(a|an|the)($|[^\pL\pN_])`)

// asciiSigns is Python's string.punctuation.
const asciiSigns = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// evenAnswer is SQuAD's normalize_answer.
func evenAnswer(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && strings.ContainsRune(asciiSigns, r) {
			return -1
		}
		return r
	}, strings.ToLower(text))
	for { // each match takes the character after it, which the next one may need
		next := article.ReplaceAllString(text, "$1 $3")
		if next == text {
			break
		}
		text = next
	}
	return strings.Join(strings.Fields(text), " ")
}

// answerF1 is the harmonic mean of the words' precision and recall, 0 to 100.
func answerF1(right, predicted string) float64 {
	a, b := strings.Fields(evenAnswer(right)), strings.Fields(evenAnswer(predicted))
	if len(a) == 0 || len(b) == 0 {
		if len(a) == len(b) {
			return 100
		}
		return 0
	}
	count := map[string]int{}
	for _, w := range a {
		count[w]++
	}
	same := 0
	for _, w := range b {
		if count[w] > 0 {
			count[w]--
			same++
		}
	}
	if same == 0 {
		return 0
	}
	precision, recall := float64(same)/float64(len(b)), float64(same)/float64(len(a))
	return 100 * 2 * precision * recall / (precision + recall)
}
