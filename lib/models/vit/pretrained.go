package vit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"genlab/lib/torch"
)

// published is what Hugging Face's config.json of a ViT or a DeiT says. A pointer tells an absent field from a zero.
type published struct {
	ModelType     string            `json:"model_type"`
	Architectures []string          `json:"architectures"`
	ImageSize     int               `json:"image_size"`
	PatchSize     int               `json:"patch_size"`
	Channels      int               `json:"num_channels"`
	Embed         int               `json:"hidden_size"`
	Layers        int               `json:"num_hidden_layers"`
	Heads         int               `json:"num_attention_heads"`
	Inner         int               `json:"intermediate_size"`
	Activation    string            `json:"hidden_act"`
	Eps           float64           `json:"layer_norm_eps"`
	QKVBias       *bool             `json:"qkv_bias"`
	Names         map[string]string `json:"id2label"`
}

// family is a published class: how its weights' names begin here and there.
type family struct {
	distilled bool
	names     *strings.Replacer
}

// families are the classes that can be opened.
var families = map[string]family{
	"ViTForImageClassification":             {names: strings.NewReplacer()},
	"DeiTForImageClassificationWithTeacher": {true, strings.NewReplacer("deit.", "vit.", "cls_classifier.", "classifier.")},
}

// config holds a published config against what this package computes.
func (p published) config() (Config, family, error) {
	if len(p.Architectures) != 1 {
		return Config{}, family{}, fmt.Errorf("architectures is %q: it must be one", p.Architectures)
	}
	f, ok := families[p.Architectures[0]]
	if !ok {
		return Config{}, f, fmt.Errorf("architectures is %q: it must be ViTForImageClassification or DeiTForImageClassificationWithTeacher", p.Architectures)
	}
	c := Base()
	c.ImageSize, c.PatchSize, c.Channels, c.Embed, c.Layers, c.Heads = p.ImageSize, p.PatchSize, p.Channels, p.Embed, p.Layers, p.Heads
	c.Inner, c.Activation, c.Eps, c.Distilled = p.Inner, p.Activation, p.Eps, f.distilled
	if p.QKVBias != nil {
		c.QKVBias = *p.QKVBias
	}
	if len(p.Names) > 0 { // two classes aren't named
		c.Classes = len(p.Names)
	}
	return c, f, c.Validate()
}

// OpenPretrained reads a folder of Hugging Face's: config.json and model.safetensors, in one file or shards, of a
// ViTForImageClassification or a DeiTForImageClassificationWithTeacher. How pictures are to be scaled stands in the folder's
// preprocessor_config.json, which isn't read. It also gives the classes' names; nil where they have none.
func OpenPretrained(folder string) (m *Model, classes []string, err error) {
	path := filepath.Join(folder, "config.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	var p published
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	c, family, err := p.config()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	state, err := torch.Read(folder)
	if err != nil {
		return nil, nil, err
	}
	known := &torch.StateDict{}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		if name := family.names.Replace(name); !strings.Contains(name, ".pooler.") { // nothing looks at it
			known.Set(name, t)
		}
	}
	if m, err = New(c, 1); err != nil {
		return nil, nil, err
	}
	for i := range len(p.Names) {
		classes = append(classes, p.Names[fmt.Sprint(i)])
	}
	return m, classes, torch.LoadOnto(m.run.Backend, m.run.Store.RootScope(), m.net, known, false)
}
