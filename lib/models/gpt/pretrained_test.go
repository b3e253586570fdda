package gpt

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// testdata/pretrained was written by transformers' own save_pretrained, with its logits beside: tests/parity/pretrained.py.
func TestOpenPretrainedOfTransformers(t *testing.T) {
	m, err := OpenPretrained("testdata/pretrained")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("testdata/pretrained/logits.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Tokens [][]int32     `json:"tokens"`
		Logits [][][]float32 `json:"logits"`
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	out, err := m.run.Call(t.Context(), "logits", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{m.net.Forward(s, in[0])}
	}, want.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i, text := range out[0].Value().([][][]float32) {
		for j, logits := range text {
			for k, v := range logits {
				worst = max(worst, math.Abs(float64(v-want.Logits[i][j][k])))
			}
		}
	}
	if worst > 1e-4 || math.IsNaN(worst) {
		t.Errorf("the logits differ from transformers' by up to %g", worst)
	}
	t.Logf("worst difference %.2g", worst)
}
