// Package spectest compares what a model's declaration opens with PyTorch, by the files of the model's testdata: its spec_test.go calls
// [Parity], [Prints] and [Workloads].
package spectest

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend/backendtest"
	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

// Parity runs the cases of testdata/parity that PyTorch made for the models, on every backend.
func Parity(t *testing.T, models ...*spec.Model) {
	folders, err := filepath.Glob("testdata/parity/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases in testdata/parity: %v", err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, folder := range folders {
			c := torchtest.Read(t, folder)
			t.Run(filepath.Base(folder), func(t *testing.T) {
				got, err := Run(c, b, models...)
				if err != nil {
					t.Fatal(err)
				}
				c.CheckAll(t, got)
			})
		}
	})
}

// Run does what a case's verb says.
func Run(c torchtest.Case, b compute.Backend, models ...*spec.Model) (*torch.StateDict, error) {
	r := &spec.Request{
		Config: spec.Config{string(c.Config)}, Training: c.Mode == "train", Weights: c.Weights, Inputs: c.Inputs, Backend: b,
	}
	if c.Verb == "step" {
		m, err := spec.FindStep(models, c.Model)
		if err != nil {
			return nil, err
		}
		return r.Step(m.Step)
	}
	net, err := spec.FindNet(models, c.Model)
	if err != nil {
		return nil, err
	}
	return r.Forward(net)
}

// Prints compares what describe prints with the files testdata/print/ID.txt, which PyTorch printed, byte for byte.
func Prints(t *testing.T, models ...*spec.Model) {
	files, err := filepath.Glob("testdata/print/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in testdata/print: %v", err)
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		net, err := spec.FindNet(models, strings.TrimSuffix(filepath.Base(file), ".txt"))
		if err != nil {
			t.Fatal(err)
		}
		pass, err := net.Open(net.ToPrint("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if got := torch.Sprint(pass.Net) + "\n"; got != string(want) {
			t.Errorf("%s prints\n%s\nPyTorch\n%s", net.ID, got, want)
		}
	}
}

// Workloads compares the first steps of what the models are timed by, tiny, with those in testdata/bench.json, which PyTorch made.
func Workloads(t *testing.T, workloads ...*spec.Workload) {
	raw, err := os.ReadFile("testdata/bench.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]struct {
		Version string
		Outputs [][]float64
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	for _, w := range workloads {
		t.Run(w.Name, func(t *testing.T) {
			g, ok := golden[w.Name]
			if !ok || !strings.HasPrefix(g.Version, "torch ") {
				t.Fatal("testdata/bench.json lacks it: make bench-golden")
			}
			tiny, err := w.WithSizes(w.Tiny)
			if err != nil {
				t.Fatal(err)
			}
			side, err := tiny.Ready()
			if err != nil {
				t.Fatal(err)
			}
			for step, want := range g.Outputs {
				got, err := side.Step(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				near := func(a, b float64) bool { return math.Abs(a-b) <= w.Tolerance*max(math.Abs(b), 1e-6) }
				if !slices.EqualFunc(got, want, near) {
					t.Errorf("step %d: %v, %s has %v", step, got, g.Version, want)
				}
			}
		})
	}
}
