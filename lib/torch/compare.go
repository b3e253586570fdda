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

	Fitting int // tensors of the file that the model has, of its shape
	// Prefix is what stands before the names in the file, such as "module." of DataParallel, where more of them would fit without.
	// [StripPrefix] takes it off.
	Prefix string
}

// Compare compares a state_dict with a model. Of a tied parameter's names one is enough. As with load_state_dict, a BatchNorm's counter
// may be missing, as it is from files of before PyTorch 0.4.1, and a single value may lie in a list.
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
		t, ok := sd.Get(path)
		switch {
		case ok && slices.Equal(t.scalarAs(want.Shape).Shape, want.Shape):
			d.Fitting++
		case ok:
			d.Reshaped = append(d.Reshaped, [2]Spec{{path, t.Shape}, want})
		case !present[p] && !isCounter(path, p):
			d.Missing = append(d.Missing, want)
		}
	}
	for _, name := range sd.names {
		if !known[name] {
			d.Unexpected = append(d.Unexpected, Spec{name, sd.tensors[name].Shape})
		}
	}
	if len(d.Missing) > 0 {
		d.Prefix = prefixOf(sd, known)
	}
	return d
}

// isCounter says whether a parameter is the number of batches that a BatchNorm saw, which PyTorch takes as it is where a file lacks it.
func isCounter(path string, p *nn.Param) bool {
	return p.Buffer && len(p.Shape) == 0 && (path == "num_batches_tracked" || strings.HasSuffix(path, ".num_batches_tracked"))
}

// scalarAs takes the first of a list of values where the model has a single one: before version 0.4 PyTorch had none but lists.
func (t Tensor) scalarAs(shape []int) Tensor {
	if len(shape) > 0 || len(t.Shape) != 1 || t.Shape[0] < 1 || len(t.Data)%t.Shape[0] != 0 {
		return t
	}
	return Tensor{t.DType, nil, t.Data[:len(t.Data)/t.Shape[0]]}
}

// Empty says that the state_dict fits.
func (d Difference) Empty() bool {
	return len(d.Missing) == 0 && len(d.Unexpected) == 0 && len(d.Reshaped) == 0
}

// Err is an error that lists everything, or nil. With partial (PyTorch's strict=False) only shapes count, and that anything fits at all.
func (d Difference) Err(partial bool) error {
	if d.Empty() || partial && d.Fitting > 0 && len(d.Reshaped) == 0 {
		return nil
	}
	if partial && d.Fitting > 0 {
		d.Missing, d.Unexpected = nil, nil
	}
	return errors.New(d.String())
}

// String lists everything, names with their shapes.
func (d Difference) String() string {
	if d.Empty() {
		return "the weights fit the model"
	}
	text := "the weights don't fit the model:"
	if d.Fitting == 0 {
		text = "no tensor of the file fits the model:"
	}
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
	if d.Prefix != "" {
		text += fmt.Sprintf("\n  the names fit with the prefix %q taken off", d.Prefix)
	}
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
