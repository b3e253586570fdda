package gpt

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
	"genlab/lib/torch"
)

// published is what Hugging Face's config.json of a GPT-2 says. Pointers tell absent fields from zeros.
type published struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`
	VocabSize     int      `json:"vocab_size"`
	Positions     int      `json:"n_positions"`
	Embed         int      `json:"n_embd"`
	Layers        int      `json:"n_layer"`
	Heads         int      `json:"n_head"`
	Inner         *int     `json:"n_inner"`
	Activation    string   `json:"activation_function"`
	ResidDrop     *float64 `json:"resid_pdrop,omitempty"`
	EmbedDrop     *float64 `json:"embd_pdrop,omitempty"`
	AttnDrop      *float64 `json:"attn_pdrop,omitempty"`
	Eps           *float64 `json:"layer_norm_epsilon,omitempty"`
	Tied          *bool    `json:"tie_word_embeddings,omitempty"`
	ScaleWeights  *bool    `json:"scale_attn_weights,omitempty"`
	ScaleByLayer  bool     `json:"scale_attn_by_inverse_layer_idx"`
	Bos           *int     `json:"bos_token_id,omitempty"`
	Eos           *int     `json:"eos_token_id,omitempty"`
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// config compares a published config with what this package computes.
func (p published) config() (Config, error) {
	c := Config{
		VocabSize: p.VocabSize, Context: p.Positions, Layers: p.Layers, Heads: p.Heads, Embed: p.Embed, Inner: or(p.Inner, 0),
		Dropout: or(p.ResidDrop, 0.1), Bias: true, Positions: Learned, Norm: LayerNorm, Eps: or(p.Eps, 1e-5), MLP: GELU, Untied: !or(p.Tied, true),
	}
	switch {
	case p.ModelType != "gpt2":
		return c, fmt.Errorf("model_type is %q: it must be gpt2", p.ModelType)
	case p.Activation != "gelu_new" && p.Activation != "gelu_pytorch_tanh":
		return c, fmt.Errorf("activation_function is %q: it must be gelu_new, GPT-2's", p.Activation)
	case or(p.EmbedDrop, 0.1) != c.Dropout || or(p.AttnDrop, 0.1) != c.Dropout:
		return c, fmt.Errorf("resid_pdrop, embd_pdrop and attn_pdrop are %g, %g and %g: they must be one number, 0.1 where absent", c.Dropout, or(p.EmbedDrop, 0.1), or(p.AttnDrop, 0.1))
	case !or(p.ScaleWeights, true) || p.ScaleByLayer:
		return c, fmt.Errorf("scale_attn_weights or scale_attn_by_inverse_layer_idx differs from GPT-2's: this isn't computed here")
	}
	return c, c.Validate()
}

// maxConfig is the most bytes that a config.json may have.
const maxConfig = 1 << 20

// OpenPretrained reads a folder of Hugging Face's: config.json and model.safetensors, in one file or shards, or pytorch_model.bin.
func OpenPretrained(folder string) (*Model, error) {
	path := filepath.Join(folder, "config.json")
	raw, err := files.Read(path, maxConfig)
	if err != nil {
		return nil, err
	}
	var p published
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	c, err := p.config()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m, err := bare(c)
	if err != nil {
		return nil, err
	}
	return m, m.Load(torch.InFolder(folder))
}

// Load is [torch.Weights.Load], and takes GPT-2 as it was first published, too, without "transformer." before the names and with its
// causal masks among the weights.
func (m *Model) Load(path string) error {
	known, err := readNames(path)
	if err != nil {
		return err
	}
	return torch.LoadOnto(m.run.Backend, m.run.Store.RootScope(), m.net, known, false)
}

// LoadPartial is [torch.Weights.LoadPartial] with the names of Load.
func (m *Model) LoadPartial(path string) (torch.Difference, error) {
	known, err := readNames(path)
	if err != nil {
		return torch.Difference{}, err
	}
	return torch.Compare(m.net, known), torch.LoadOnto(m.run.Backend, m.run.Store.RootScope(), m.net, known, true)
}

// readNames reads a state_dict and gives its weights the names that this model has.
func readNames(path string) (*torch.StateDict, error) {
	state, err := torch.Read(path)
	if err != nil {
		return nil, err
	}
	known := &torch.StateDict{}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		if strings.HasSuffix(name, ".attn.bias") || strings.HasSuffix(name, ".attn.masked_bias") {
			continue
		}
		if !strings.HasPrefix(name, "transformer.") && !strings.HasPrefix(name, "lm_head.") {
			name = "transformer." + name
		}
		known.Set(name, t)
	}
	return known, nil
}

// SavePretrained writes a folder that transformers' GPT2LMHeadModel.from_pretrained reads. Only a model as GPT-2 is fits there.
func (m *Model) SavePretrained(folder string) error {
	c := m.Config
	if c.Positions != Learned || c.Norm != LayerNorm || c.MLP != GELU || c.kvHeads() != c.Heads || !c.Bias {
		return fmt.Errorf("gpt: transformers' GPT-2 has learned positions, layer norms, GELU, no grouped heads, and biases: this model differs; Save writes its weights")
	}
	tied, inner := !c.Untied, c.inner()
	p := published{
		ModelType: "gpt2", Architectures: []string{"GPT2LMHeadModel"}, VocabSize: c.VocabSize, Positions: c.Context, Embed: c.Embed,
		Layers: c.Layers, Heads: c.Heads, Inner: &inner, Activation: "gelu_new", ResidDrop: &c.Dropout, EmbedDrop: &c.Dropout,
		AttnDrop: &c.Dropout, Eps: &c.Eps, Tied: &tied,
	}
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("gpt: encoding config.json: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	state, err := torch.Save(m.run.Store.RootScope(), m.net)
	if err != nil {
		return err
	}
	file := &torch.StateDict{Metadata: map[string]string{"format": "pt"}}
	for _, name := range state.Names() {
		if name != "lm_head.weight" || c.Untied { // tied weights come once
			t, _ := state.Get(name)
			file.Set(name, t)
		}
	}
	if err := torch.Write(filepath.Join(folder, "model.safetensors"), file); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(folder, "config.json"), append(raw, '\n'), 0o644)
}
