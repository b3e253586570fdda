package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/spec"
	"genlab/lib/spec/spectest"
	"genlab/lib/torch"
)

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) == "" {
		backendtest.Main(m)
	}
	if err := serveFake(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestWorkloads compares what each computes with PyTorch.
func TestWorkloads(t *testing.T) { spectest.Workloads(t, Own()...) }

// TestServe plays the conductor.
func TestServe(t *testing.T) {
	w, err := textFeeding().WithSizes(spec.Sizes{"tokens": 600, "length": 4})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out bytes.Buffer
	if err := Serve(t.Context(), w, dir, 2, strings.NewReader("3\n1\n"), &out); err != nil {
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
	if x, ok := inputs.Get("tokens"); !ok || len(x.Shape) != 1 || x.Shape[0] != 600 {
		t.Errorf("tokens have shape %v: it must be [600]", x.Shape)
	}
	if err := Serve(t.Context(), w, dir, 1, strings.NewReader("many\n"), &out); err == nil || !strings.Contains(err.Error(), "many") {
		t.Errorf(`a round of "many" steps: %v`, err)
	}
}
