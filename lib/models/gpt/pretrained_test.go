package gpt

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/torch"
)

// transformers is what its own model in testdata/pretrained, which peer/gpt.py wrote, makes of some texts.
type transformers struct {
	Tokens  [][]int32     `json:"tokens"`
	Logits  [][][]float32 `json:"logits"`
	Prompts [][]int32     `json:"prompts"`
	Greedy  [][]int32     `json:"greedy"`  // the likeliest tokens after the prompts
	Penalty [][]int32     `json:"penalty"` // the same with a repetition penalty of 1.4
}

func readTransformers(t *testing.T) (want transformers) {
	t.Helper()
	raw, err := os.ReadFile("testdata/pretrained/outputs.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

func TestOpenPretrainedOfTransformers(t *testing.T) {
	m, err := OpenPretrained("testdata/pretrained")
	if err != nil {
		t.Fatal(err)
	}
	want := readTransformers(t)
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

// One rate of dropout stands for Hugging Face's three.
func TestPublishedDropout(t *testing.T) {
	none := 0.0
	p := published{ModelType: "gpt2", VocabSize: 11, Positions: 8, Embed: 8, Layers: 1, Heads: 1, Activation: "gelu_new"}
	if _, err := p.config(); err != nil {
		t.Error(err)
	}
	p.AttnDrop = &none
	if _, err := p.config(); err == nil || !strings.Contains(err.Error(), "are 0.1, 0.1 and 0") {
		t.Errorf("rates that differ: %v", err)
	}
	p.ResidDrop, p.EmbedDrop = &none, &none
	if c, err := p.config(); err != nil || c.Dropout != 0 {
		t.Errorf("no dropout: %g, %v", c.Dropout, err)
	}
}

// Weights with GPT-2's first names, in shards: what the files lack stays, and is named.
func TestLoadPartial(t *testing.T) {
	m, err := New(Tiny(30), 1)
	if err != nil {
		t.Fatal(err)
	}
	state, err := torch.Save(m.run.Store.RootScope(), m.net)
	if err != nil {
		t.Fatal(err)
	}
	const lacks = "transformer.ln_f.weight"
	published := &torch.StateDict{}
	for _, name := range state.Names() {
		if v, _ := state.Get(name); name != lacks {
			published.Set(strings.TrimPrefix(name, "transformer."), v)
		}
	}
	folder := filepath.Join(t.TempDir(), "model.safetensors")
	if err := torch.WriteShards(folder, published, 10_000); err != nil {
		t.Fatal(err)
	}
	other, err := New(Tiny(30), 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Load(folder); err == nil {
		t.Error("weights that lack a tensor were loaded as whole")
	}
	d, err := other.LoadPartial(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Missing) != 1 || d.Missing[0].Name != lacks || len(d.Unexpected) != 0 {
		t.Errorf("missing %v, unexpected %v, want %s alone", d.Missing, d.Unexpected, lacks)
	}
	got, err := torch.Save(other.run.Store.RootScope(), other.net)
	if err != nil {
		t.Fatal(err)
	}
	const name = "transformer.h.0.attn.c_attn.weight"
	a, _ := state.Get(name)
	if b, _ := got.Get(name); !bytes.Equal(a.Data, b.Data) {
		t.Errorf("%s was not loaded", name)
	}
}
