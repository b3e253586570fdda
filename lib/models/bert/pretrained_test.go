package bert

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/data/fetch"
	"genlab/lib/data/wordpiece"
)

// golden reads what testdata/make.py wrote.
func golden(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// expected is what transformers makes of a small model's text.
type expected struct {
	IDs    []int32 `json:"ids"`
	Values []float32
}

// values are the model's own: of the encoder or of its head.
func (m *Model) values(t *testing.T, ids []int32) []float32 {
	t.Helper()
	out, err := m.run.Call(t.Context(), "values", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		if m.Config.Head == Embedder {
			return []*graph.Node{m.net.Encoder.Forward(s, Text{Pieces: in[0]})}
		}
		return []*graph.Node{m.net.Logits(s, Text{Pieces: in[0]})}
	}, [][]int32{ids})
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out[0])
}

func apart(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i]-b[i])))
	}
	return worst
}

func TestOpenPretrained(t *testing.T) {
	for name, head := range map[string]Head{
		"bert-model": Embedder, "bert-masked": MaskedLM, "bert-classes": Sequence, "bert-span": Span, "roberta-masked": MaskedLM, "distilbert-masked": MaskedLM,
	} {
		t.Run(name, func(t *testing.T) {
			var want expected
			golden(t, filepath.Join("pretrained", name, "expected.json"), &want)
			m, err := OpenPretrained(filepath.Join("testdata", "pretrained", name))
			if err != nil {
				t.Fatal(err)
			}
			if m.Config.Head != head {
				t.Errorf("its head is %q, not %q", m.Config.Head, head)
			}
			got := m.values(t, want.IDs)
			if d := apart(got, want.Values); !(d < 2e-5) {
				t.Errorf("%g from transformers", d)
			}
			folder := filepath.Join(t.TempDir(), name)
			err = m.SavePretrained(folder)
			if !strings.HasPrefix(name, "bert-") {
				if err == nil {
					t.Error("saved as what it isn't")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			back, err := OpenPretrained(folder)
			if err != nil {
				t.Fatal(err)
			}
			if d := apart(back.values(t, want.IDs), got); d != 0 {
				t.Errorf("saved and opened again it is %g apart", d)
			}
		})
	}
}

func TestOpenPretrainedRefuses(t *testing.T) {
	for want, change := range map[string][2]string{
		"model_type is":                    {`"model_type": "bert"`, `"model_type": "gpt2"`},
		"position_embedding_type":          {`"model_type"`, `"position_embedding_type": "relative_key", "model_type"`},
		"hidden_act is":                    {`"hidden_act": "relu"`, `"hidden_act": "silu"`},
		"word_embeddings.weight is [20 8]": {`"vocab_size": 20`, `"vocab_size": 21`},
		"bert.encoder.layer.2.attention":   {`"num_hidden_layers": 2`, `"num_hidden_layers": 3`},
		"hidden_size must be a multiple":   {`"num_attention_heads": 2`, `"num_attention_heads": 3`},
		"damaged":                          {`{`, `[`},
	} {
		dir := t.TempDir()
		for _, name := range []string{"config.json", "model.safetensors"} {
			raw, err := os.ReadFile(filepath.Join("testdata", "pretrained", "bert-masked", name))
			if err != nil {
				t.Fatal(err)
			}
			if name == "config.json" {
				raw = []byte(strings.Replace(string(raw), change[0], change[1], 1))
			}
			if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := OpenPretrained(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", change, err, want)
		}
	}
}

// fetched opens what genlab data put into the user's cache, or skips.
func fetched(t *testing.T, name string) (*Model, *wordpiece.Tokenizer) {
	t.Helper()
	folder, err := fetch.Folder(name)
	if errors.Is(err, fetch.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := OpenPretrained(folder)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := wordpiece.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return m, tok
}

// TestMiniLM holds the vectors of the published weights against transformers'.
func TestMiniLM(t *testing.T) {
	m, tok := fetched(t, "minilm")
	var want struct {
		Texts   []string
		Vectors [][]float32
	}
	golden(t, "minilm.json", &want)
	texts := make([][]int32, len(want.Texts))
	for i, text := range want.Texts {
		texts[i] = tok.One(text, 256).IDs()
	}
	got, err := m.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range want.Texts {
		if d := apart(got[i], want.Vectors[i]); !(d < 1e-5) {
			t.Errorf("%.40q: %g from transformers", text, d)
		}
	}
}

// TestAntiBERTy holds masked residues of two antibody chains against transformers.
func TestAntiBERTy(t *testing.T) {
	m, tok := fetched(t, "antiberty")
	var want struct {
		Chains []struct {
			Chain, Best string
			Probability []float32
		}
	}
	golden(t, "antiberty.json", &want)
	for _, c := range want.Chains {
		for _, at := range []int{0, 7, 30, 55, len(c.Chain) - 1} {
			residues := strings.Split(c.Chain, "")
			residues[at] = "[MASK]"
			p, err := m.Fill(t.Context(), tok.One(strings.Join(residues, " "), 0).IDs(), []int32{int32(at + 1)})
			if err != nil {
				t.Fatal(err)
			}
			right, _ := tok.ID(c.Chain[at : at+1])
			if d := math.Abs(float64(p[0][right] - c.Probability[at])); !(d < 1e-4) {
				t.Errorf("%s as residue %d of %.10s… has %g, transformers gives it %g", c.Chain[at:at+1], at+1, c.Chain, p[0][right], c.Probability[at])
			}
			if best := tok.Text(Best(p[0], 1)[0].Piece); best != c.Best[at:at+1] {
				t.Errorf("residue %d of %.10s… is likeliest %s, transformers says %s", at+1, c.Chain, best, c.Best[at:at+1])
			}
		}
	}
}
