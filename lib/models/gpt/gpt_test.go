package gpt

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// The sizes are transformers': sum(p.numel() for p in GPT2LMHeadModel(GPT2Config.from_pretrained(...)).parameters()).
func TestParameters(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   int
	}{
		"gpt2": {GPT2(), 124439808}, "gpt2-medium": {GPT2Medium(), 354823168}, "gpt2-large": {GPT2Large(), 774030080}, "gpt2-xl": {GPT2XL(), 1557611200},
	} {
		net, err := NewNet(c.config)
		if err != nil {
			t.Fatal(err)
		}
		if got := nn.Count(net); got != c.want {
			t.Errorf("%s has %d parameters, want %d", name, got, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"n_embd is 33":                        func(c *Config) { c.Embed = 33 },
		"vocab_size is 1":                     func(c *Config) { c.VocabSize = 1 },
		"n_kv_head is 3: it must divide":      func(c *Config) { c.KVHeads = 3 },
		"dropout is 1":                        func(c *Config) { c.Dropout = 1 },
		`norm is "batch"`:                     func(c *Config) { c.Norm = "batch" },
		`positions is ""`:                     func(c *Config) { c.Positions = "" },
		"heads of 1 values":                   func(c *Config) { c.Heads, c.Positions = 32, Rotary },
		"layer_norm_epsilon is 0":             func(c *Config) { c.Eps = 0 },
		`mlp is "relu": it must be "gelu" or`: func(c *Config) { c.MLP = "relu" },
	} {
		c := Tiny(10)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// repeats is text whose second half repeats the first: what stands there can be known.
type repeats struct{ steps int }

func (r repeats) Steps() int { return r.steps }

func (r repeats) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	var x, y []int32
	for row := range 8 {
		for i := range 16 {
			token := func(i int) int32 { return int32((row + 3*step + 5*epoch + (i%8)*(1+row%3)) % 11) }
			x, y = append(x, token(i)), append(y, token(i+1))
		}
	}
	return []*tensors.Tensor{tensors.FromFlatDataAndDimensions(x, 8, 16), tensors.FromFlatDataAndDimensions(y, 8, 16)}, nil
}

// unlabelled is tokens without those that follow.
type unlabelled struct{ repeats }

func (u unlabelled) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	batch, err := u.repeats.Batch(epoch, step)
	return batch[:1], err
}

func TestLossRefuses(t *testing.T) {
	m, err := New(Tiny(11), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Loss(t.Context(), unlabelled{repeats{1}}); err == nil || !strings.Contains(err.Error(), "was given 1 tensors") {
		t.Errorf("a batch without labels: %v", err)
	}
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

// A run trains, keeps its best weights, is opened with them, goes on when asked, and goes to Hugging Face's format and back.
func TestTrain(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	cfg := Recipe()
	cfg.Model = Tiny(11)
	cfg.Model.Bias = true
	cfg.Warmup, cfg.Rate, cfg.MinRate = 5, 1e-2, 1e-3
	cfg.Run, cfg.Epochs = t.TempDir(), 2
	cfg.Validation = repeats{3}
	cfg.Watch = func(train.Progress) {}
	m, err := Train(t.Context(), cfg, repeats{60})
	if err != nil {
		t.Fatal(err)
	}
	loss, err := m.Loss(t.Context(), cfg.Validation)
	if err != nil {
		t.Fatal(err)
	}
	records, err := train.ReadMetrics(cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	if _, all := train.Series(records, "val_loss"); len(all) != cfg.Epochs || math.Abs(slices.Min(all)-loss) > 1e-6 {
		t.Errorf("the losses were %v, the model that was kept has %g", all, loss)
	}
	if loss > 1.2 {
		t.Errorf("the loss is %g after 120 steps; log 11 = 2.4 before", loss)
	}
	same := func(what string, other *Model, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got, err := other.Loss(t.Context(), cfg.Validation)
		if err != nil || math.Abs(got-loss) > 1e-6 {
			t.Errorf("%s: loss %v (%v), want %g", what, got, err, loss)
		}
	}
	opened, err := Open(cfg.Run)
	same("opened", opened, err)

	folder := filepath.Join(t.TempDir(), "hf")
	if err := m.SavePretrained(folder); err != nil {
		t.Fatal(err)
	}
	again, err := OpenPretrained(folder)
	same("Hugging Face's format", again, err)

	// GPT-2 as it was first published: no prefix, masks among the weights.
	state, err := torch.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	old := &torch.StateDict{}
	for _, name := range state.Names() {
		w, _ := state.Get(name)
		old.Set(strings.TrimPrefix(name, "transformer."), w)
	}
	old.Set("h.0.attn.bias", torch.Tensor{DType: torch.F32, Shape: []int{1, 1, 1, 1}, Data: make([]byte, 4)})
	if err := torch.Write(filepath.Join(folder, "model.safetensors"), old); err != nil {
		t.Fatal(err)
	}
	again, err = OpenPretrained(folder)
	same("the first publication's format", again, err)

	if err := os.WriteFile(filepath.Join(folder, "config.json"), []byte(`{"model_type": "gptj"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPretrained(folder); err == nil || !strings.Contains(err.Error(), `model_type is "gptj"`) {
		t.Errorf("another model's config: %v", err)
	}
	if _, err := Open(t.TempDir()); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

// A batch computed in parts has the gradient of the whole, labels that count for nothing included.
func TestAccumulate(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, small())
		params := nn.Trained(m.net)
		batch, err := repeats{1}.Batch(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := tensors.MutableFlatData(batch[1], func(y []int32) { y[3], y[40], y[41] = -1, -1, -1 }); err != nil {
			t.Fatal(err)
		}
		run := func(parts int) []*tensors.Tensor {
			out, err := m.run.Call(t.Context(), map[int]string{1: "whole", 4: "parts"}[parts], func(s *model.Scope, in []*graph.Node) []*graph.Node {
				nn.SeedGraph(s, graph.Const(in[0].Graph(), []uint32{0, 0}))
				loss, grads := gradients(s, m.net, params, in[0], in[1], parts)
				return append(grads, loss)
			}, batch[0], batch[1])
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		whole, parts := run(1), run(4)
		for i := range whole {
			if !parts[i].InDelta(whole[i], 1e-4) {
				t.Errorf("result %d differs", i)
			}
		}
	})
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
