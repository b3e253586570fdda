package bert

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"genlab/lib/nn"
	"genlab/lib/torch"
)

// published is what Hugging Face's config.json of a BERT says beside [Config]'s fields, and in other words. Pointers tell absent fields
// from zeros.
type published struct {
	Config
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`
	PositionKind  string   `json:"position_embedding_type,omitempty"`

	// DistilBERT's words.
	Dim        *int     `json:"dim,omitempty"`
	HiddenDim  *int     `json:"hidden_dim,omitempty"`
	NLayers    *int     `json:"n_layers,omitempty"`
	NHeads     *int     `json:"n_heads,omitempty"`
	Activation *string  `json:"activation,omitempty"`
	Drop       *float64 `json:"dropout,omitempty"`
	AttnDrop   *float64 `json:"attention_dropout,omitempty"`
}

// readConfig reads a folder's config.json, but for the head, which the weights tell.
func readConfig(folder string) (Config, []rename, error) {
	path := filepath.Join(folder, "config.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, nil, err
	}
	p := published{Config: Base()}
	if err := json.Unmarshal(raw, &p); err != nil {
		return Config{}, nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	c := p.Config
	c.Head, c.Classes = Embedder, 0
	layout, known := layouts[p.ModelType]
	switch {
	case !known:
		return c, nil, fmt.Errorf("%s: model_type is %q: it must be bert, roberta or distilbert", path, p.ModelType)
	case p.PositionKind != "" && p.PositionKind != "absolute":
		return c, nil, fmt.Errorf("%s: position_embedding_type is %q: it must be absolute", path, p.PositionKind)
	case p.ModelType == "roberta":
		c.FirstPosition = c.Padding + 1
	case p.ModelType == "distilbert":
		c.Types = 0
		for _, f := range []struct{ from, to *int }{{p.Dim, &c.Embed}, {p.HiddenDim, &c.Inner}, {p.NLayers, &c.Layers}, {p.NHeads, &c.Heads}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		for _, f := range []struct{ from, to *float64 }{{p.Drop, &c.Dropout}, {p.AttnDrop, &c.AttnDropout}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		if p.Activation != nil {
			c.Activation = Activation(*p.Activation)
		}
	}
	if err := c.Validate(); err != nil {
		return c, nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, layout, nil
}

// readPretrained reads a folder's config, with the head that it has, and its weights by this package's names.
func readPretrained(folder string) (Config, *torch.StateDict, error) {
	c, layout, err := readConfig(folder)
	if err != nil {
		return c, nil, err
	}
	state, err := torch.Read(torch.InFolder(folder))
	if err != nil {
		return c, nil, err
	}
	state = ownNames(state, layout)
	c.Head, c.Classes = headOf(state)
	return c, state, nil
}

// OpenPretrained reads a folder of Hugging Face's, BERT's, RoBERTa's or DistilBERT's: config.json and model.safetensors, in one file or
// shards, or pytorch_model.bin. The model has the head that the weights have; what they have beside it is left out.
func OpenPretrained(folder string) (*Model, error) {
	c, state, err := readPretrained(folder)
	if err != nil {
		return nil, err
	}
	m, err := bare(c)
	if err != nil {
		return nil, err
	}
	if m.Config.Head == Embedder {
		if _, ok := state.Get("bert.pooler.dense.weight"); !ok {
			m.net.Encoder.Pooler = nil
		}
	}
	return m, m.load(state, false)
}

// load puts weights into the model. Those of heads that it hasn't are left out, and with fresh, what it has and they lack stays.
func (m *Model) load(state *torch.StateDict, fresh bool) error {
	known := map[string]bool{}
	for name := range nn.Params(m.net) {
		known[name] = true
	}
	some := &torch.StateDict{}
	for _, name := range state.Names() {
		if t, _ := state.Get(name); known[name] || !isOfHead(name) {
			some.Set(name, t)
		}
	}
	if fresh {
		diff := torch.Compare(m.net, some)
		for _, missing := range diff.Missing {
			if !isOfHead(missing.Name) {
				return diff.Err(false)
			}
		}
		if len(diff.Unexpected) > 0 {
			return diff.Err(false)
		}
	}
	return torch.LoadOnto(m.run.Backend, m.run.Store.RootScope(), m.net, some, fresh)
}

// begin puts a folder's pretrained weights into a model of the same encoder; a head that the folder lacks stays fresh.
func (m *Model) begin(folder string) error {
	c, state, err := readPretrained(folder)
	if err != nil {
		return err
	}
	own := m.Config
	c.Head, c.Classes, c.Dropout, c.AttnDropout = own.Head, own.Classes, own.Dropout, own.AttnDropout
	if c != own {
		return fmt.Errorf("%s has another encoder, %+v, than the model, %+v: take its config by ReadConfig", folder, c, own)
	}
	return m.load(state, true)
}

// ReadConfig is the config of a folder of Hugging Face's, for a model that begins with its weights.
func ReadConfig(folder string) (Config, error) {
	c, _, err := readConfig(folder)
	return c, err
}

// Load is [torch.Weights.Load], and takes the names of Hugging Face's BertModel and of BERT as it was first published, too.
func (m *Model) Load(path string) error {
	state, err := torch.Read(path)
	if err != nil {
		return err
	}
	return m.load(ownNames(state, layouts["bert"]), false)
}

// SavePretrained writes a folder that transformers' from_pretrained of the model's class reads.
func (m *Model) SavePretrained(folder string) error {
	c := m.Config
	if c.Types == 0 || c.FirstPosition != 0 {
		return errors.New("bert: transformers' BERT has types and positions from 0: this model has DistilBERT's or RoBERTa's; Save writes its weights")
	}
	class, root := m.net.String(), any(m.net)
	if c.Head == Embedder {
		class, root = m.net.Encoder.String(), m.net.Encoder
	}
	p := published{Config: c, ModelType: "bert", Architectures: []string{class}}
	p.Head = "" // the class says it
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("bert: encoding config.json: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	state, err := torch.Save(m.run.Store.RootScope(), root)
	if err != nil {
		return err
	}
	file := &torch.StateDict{Metadata: map[string]string{"format": "pt"}}
	for _, name := range state.Names() {
		if name != "cls.predictions.decoder.weight" && name != "cls.predictions.decoder.bias" { // tied weights come once
			t, _ := state.Get(name)
			file.Set(name, t)
		}
	}
	if err := torch.Write(filepath.Join(folder, "model.safetensors"), file); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(folder, "config.json"), append(raw, '\n'), 0o644)
}
