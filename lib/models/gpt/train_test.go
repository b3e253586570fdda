package gpt

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/torch"
	"genlab/lib/train"
)

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

// A run trains, keeps its best weights, is opened with them, goes on when asked, and goes to Hugging Face's format and back.
func TestTrain(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	cfg := Recipe()
	cfg.Model = Tiny(11)
	cfg.Model.Bias = true
	cfg.WarmUp, cfg.Rate, cfg.MinRate = 5, 1e-2, 1e-3
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
	if _, all := train.Series(records, "validation_loss"); len(all) != cfg.Epochs || math.Abs(slices.Min(all)-loss) > 1e-6 {
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
