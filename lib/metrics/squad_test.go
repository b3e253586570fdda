package metrics

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// TestScoreSQuAD holds each prediction's scores, and their mean, against SQuAD's own script; testdata/squad.py made the file.
func TestScoreSQuAD(t *testing.T) {
	raw, err := os.ReadFile("testdata/squad.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Prediction, Even string
			Answers          []string
			Exact, F1        float64
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	var predictions []string
	var answers [][]string
	var exact, f1 float64
	for _, c := range golden.Cases {
		if got := evenAnswer(c.Prediction); got != c.Even {
			t.Errorf("%q becomes %q, SQuAD's script makes it %q", c.Prediction, got, c.Even)
		}
		s, err := ScoreSQuAD([]string{c.Prediction}, [][]string{c.Answers})
		if err != nil || s.Exact != c.Exact || math.Abs(s.F1-c.F1) > 1e-9 {
			t.Errorf("%q for %q: exact %g, F1 %g, SQuAD's script gives %g and %g: %v", c.Prediction, c.Answers, s.Exact, s.F1, c.Exact, c.F1, err)
		}
		predictions, answers = append(predictions, c.Prediction), append(answers, c.Answers)
		exact, f1 = exact+c.Exact/float64(len(golden.Cases)), f1+c.F1/float64(len(golden.Cases))
	}
	s, err := ScoreSQuAD(predictions, answers)
	if err != nil || math.Abs(s.Exact-exact) > 1e-9 || math.Abs(s.F1-f1) > 1e-9 || s.Other != 2 || s.NoAnswer != 50 {
		t.Errorf("all: %+v, %v", s, err)
	}
	if _, err := ScoreSQuAD(nil, nil); err == nil {
		t.Error("scored nothing")
	}
	if _, err := ScoreSQuAD([]string{"a"}, nil); err == nil {
		t.Error("scored a prediction without a question")
	}
}
