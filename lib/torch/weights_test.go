package torch

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// TestLoadPartial holds that what a file lacks stays, that what the model doesn't know is told, and that shards are as good as a file.
func TestLoadPartial(t *testing.T) {
	made := func(seed uint64) (Weights, *StateDict) {
		net := nn.Name(&struct {
			FC *nn.Linear `nn:"fc"`
		}{nn.NewLinear(2, 3, true)})
		s := model.NewStore().RootScope()
		if err := nn.Create(s, net, seed); err != nil {
			t.Fatal(err)
		}
		sd, err := Save(s, net)
		if err != nil {
			t.Fatal(err)
		}
		return Of(s, net), sd
	}
	_, from := made(1)
	w, before := made(2)
	weight, _ := from.Get("fc.weight")
	partial := &StateDict{}
	partial.Set("fc.weight", weight)
	partial.Set("head.weight", weight)
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := WriteShards(path, partial, 1); err != nil {
		t.Fatal(err)
	}
	if err := w.Load(path); err == nil {
		t.Error("Load took a file that lacks a tensor")
	}
	d, err := w.LoadPartial(path)
	if err != nil || len(d.Missing) != 1 || d.Missing[0].Name != "fc.bias" || len(d.Unexpected) != 1 || d.Unexpected[0].Name != "head.weight" {
		t.Errorf("difference %v, %v", d, err)
	}
	if err := w.SaveShards(path, 1); err != nil {
		t.Fatal(err)
	}
	after, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]*StateDict{"fc.weight": from, "fc.bias": before} {
		a, _ := after.Get(name)
		b, _ := want.Get(name)
		if string(a.Data) != string(b.Data) {
			t.Errorf("%s isn't what it should be", name)
		}
	}
}
