package bench_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/torch"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// TestWorkloads compares what each computes with PyTorch.
func TestWorkloads(t *testing.T) { spectest.Workloads(t, Own()...) }

// TestServe plays the conductor.
func TestServe(t *testing.T) {
	w, err := find("rnn")
	if err != nil {
		t.Fatal(err)
	}
	if w, err = w.WithSizes(Sizes{"length": 4}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out bytes.Buffer
	if err := w.Serve(t.Context(), dir, 2, strings.NewReader("3\n1\n"), &out); err != nil {
		t.Fatal(err)
	}
	var ready Ready
	var round Round
	answers := json.NewDecoder(&out)
	if err := answers.Decode(&ready); err != nil || len(ready.Outputs) != 2 || ready.First <= 0 {
		t.Errorf("ready: %+v, %v", ready, err)
	}
	for range 2 {
		if err := answers.Decode(&round); err != nil || round.Seconds <= 0 {
			t.Errorf("round: %+v, %v", round, err)
		}
	}
	inputs, err := torch.Read(filepath.Join(dir, "inputs.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := inputs.Get("x"); !ok || len(x.Shape) != 3 || x.Shape[1] != 4 {
		t.Errorf("x has shape %v; want length 4", x.Shape)
	}
	if err := w.Serve(t.Context(), dir, 1, strings.NewReader("many\n"), &out); err == nil || !strings.Contains(err.Error(), "many") {
		t.Errorf(`a round of "many" steps: %v`, err)
	}
}

func TestErrors(t *testing.T) {
	if _, err := Find("speed"); err == nil || !strings.Contains(err.Error(), "vae, ") {
		t.Errorf("an unknown workload: %v", err)
	}
	w := vaeStep()
	for _, c := range []struct {
		sizes Sizes
		want  string
	}{{Sizes{"width": 3}, "batch, hidden"}, {Sizes{"batch": 0}, "at least 1"}} {
		if _, err := w.WithSizes(c.sizes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.sizes, err, c.want)
		}
	}
	if w.Sizes["batch"] != 128 {
		t.Error("WithSizes changes the workload that it was given")
	}
}
