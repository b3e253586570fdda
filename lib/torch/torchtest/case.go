// Package torchtest reads the cases that tests/parity made with PyTorch, and compares tensors with them.
package torchtest

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/torch"
)

// Case is a folder of tests/parity/cases, or of a package's testdata: what a model was given in PyTorch, and what came out.
type Case struct {
	Verb, Model, Mode         string // of the command; see cmd/genlab
	Config                    json.RawMessage
	Rtol, Atol                float64 // how far from PyTorch a value may be: Atol + Rtol·|PyTorch's|; tests/parity/case.py says why
	Weights, Inputs, Expected *torch.StateDict
}

// Read reads a case.
func Read(t testing.TB, folder string) Case {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c Case
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatalf("%s: %v", folder, err)
	}
	for file, into := range map[string]**torch.StateDict{"weights": &c.Weights, "inputs": &c.Inputs, "expected": &c.Expected} {
		if *into, err = torch.Read(filepath.Join(folder, file+".safetensors")); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// Configure fills a model's config with the case's.
func (c Case) Configure(t testing.TB, config any) {
	t.Helper()
	if err := json.Unmarshal(c.Config, config); err != nil {
		t.Fatal(err)
	}
}

// Input is a tensor that the model was given; nil if it was not.
func (c Case) Input(t testing.TB, name string) *tensors.Tensor {
	t.Helper()
	in, ok := c.Inputs.Get(name)
	if !ok {
		return nil
	}
	value, err := in.ToGoMLX()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// CheckAll compares all that PyTorch gives with tensors of these names.
func (c Case) CheckAll(t testing.TB, got *torch.StateDict) {
	t.Helper()
	for _, name := range c.Expected.Names() {
		if g, ok := got.Get(name); ok {
			c.CheckTensor(t, name, g)
		} else {
			t.Errorf("%s is missing", name)
		}
	}
}

// Check compares a tensor with PyTorch's.
func (c Case) Check(t testing.TB, name string, got *tensors.Tensor) {
	t.Helper()
	g, err := torch.FromGoMLX(got)
	if err != nil {
		t.Fatal(err)
	}
	c.CheckTensor(t, name, g)
}

// CheckTensor is [Case.Check] for a tensor of a file.
func (c Case) CheckTensor(t testing.TB, name string, got torch.Tensor) {
	t.Helper()
	want, ok := c.Expected.Get(name)
	if !ok {
		t.Errorf("PyTorch gives no %s", name)
		return
	}
	if got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) {
		t.Errorf("%s is %s %v, PyTorch's %s %v", name, got.DType, got.Shape, want.DType, want.Shape)
		return
	}
	w, err := want.Float32s()
	if err != nil { // whole numbers are equal or wrong
		if string(got.Data) != string(want.Data) {
			t.Errorf("%s differs", name)
		}
		return
	}
	g, err := got.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	worst, at := 0.0, 0
	for i := range w {
		if d := math.Abs(float64(g[i])-float64(w[i])) / (c.Atol + c.Rtol*math.Abs(float64(w[i]))); !(d <= worst) {
			worst, at = d, i
		}
	}
	if !(worst <= 1) {
		t.Errorf("%s[%d] is %g, PyTorch gives %g: %.1f times the tolerance", name, at, g[at], w[at], worst)
	}
}
