package torch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"genlab/lib/nn"
)

// Spec is a tensor by its name and shape.
type Spec struct {
	Name  string
	Shape []int
}

// Difference is what keeps a state_dict from being a model's, all of it: what PyTorch's load_state_dict lists.
type Difference struct {
	Missing    []Spec    // the model has them, the file doesn't
	Unexpected []Spec    // the file has them, the model doesn't
	Reshaped   [][2]Spec // of another shape in the file (the first) than in the model (the second)
}

// Compare holds a state_dict against a model. Of a tied parameter's names one is enough.
func Compare(root any, sd *StateDict) Difference {
	present := map[*nn.Param]bool{}
	for path, p := range nn.Params(root) {
		if _, ok := sd.Get(path); ok {
			present[p] = true
		}
	}
	var d Difference
	known := map[string]bool{}
	for path, p := range nn.Params(root) {
		known[path] = true
		want := Spec{path, fileShape(p)}
		if t, ok := sd.Get(path); !ok && !present[p] {
			d.Missing = append(d.Missing, want)
		} else if ok && !slices.Equal(t.Shape, want.Shape) {
			d.Reshaped = append(d.Reshaped, [2]Spec{{path, t.Shape}, want})
		}
	}
	for _, name := range sd.names {
		if !known[name] {
			d.Unexpected = append(d.Unexpected, Spec{name, sd.tensors[name].Shape})
		}
	}
	return d
}

// Empty says that the state_dict fits.
func (d Difference) Empty() bool {
	return len(d.Missing) == 0 && len(d.Unexpected) == 0 && len(d.Reshaped) == 0
}

// Err is an error that lists everything, or nil. With partial (PyTorch's strict=False) only shapes count.
func (d Difference) Err(partial bool) error {
	if partial {
		d.Missing, d.Unexpected = nil, nil
	}
	if d.Empty() {
		return nil
	}
	return errors.New(d.String())
}

// String lists everything, names with their shapes.
func (d Difference) String() string {
	if d.Empty() {
		return "the weights fit the model"
	}
	text := "the weights don't fit the model:"
	list := func(what string, items []string) {
		if len(items) > 0 {
			text += "\n  " + what + ": " + strings.Join(items, "; ")
		}
	}
	list("missing from the file", named(d.Missing))
	list("unknown to the model", named(d.Unexpected))
	var reshaped []string
	for _, r := range d.Reshaped {
		reshaped = append(reshaped, fmt.Sprintf("%s is %v in the file, %v in the model", r[0].Name, r[0].Shape, r[1].Shape))
	}
	list("of another shape", reshaped)
	return text
}

// named writes each tensor with its shape.
func named(specs []Spec) []string {
	var items []string
	for _, s := range specs {
		items = append(items, fmt.Sprintf("%s %v", s.Name, s.Shape))
	}
	return items
}
