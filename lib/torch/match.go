package torch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Spec is a tensor that a model expects in a state_dict.
type Spec struct {
	Name  string
	Shape []int
}

// Match holds a state_dict against what a model expects, as PyTorch's load_state_dict does: one error lists all tensors that are
// missing, unexpected or of another shape. With partial (PyTorch's strict=False) only shapes count.
func Match(expected []Spec, sd *StateDict, partial bool) error {
	var missing, shapes, unexpected []string
	known := map[string]bool{}
	for _, e := range expected {
		known[e.Name] = true
		t, ok := sd.Get(e.Name)
		switch {
		case !ok:
			missing = append(missing, fmt.Sprintf("%s %v", e.Name, e.Shape))
		case !slices.Equal(t.Shape, e.Shape):
			shapes = append(shapes, fmt.Sprintf("%s is %v in the file, %v in the model", e.Name, t.Shape, e.Shape))
		}
	}
	for _, name := range sd.names {
		if !known[name] {
			unexpected = append(unexpected, fmt.Sprintf("%s %v", name, sd.tensors[name].Shape))
		}
	}
	if partial {
		missing, unexpected = nil, nil
	}
	var b strings.Builder
	for _, l := range []struct {
		what string
		list []string
	}{
		{"missing from the file", missing},
		{"unknown to the model", unexpected},
		{"of another shape", shapes},
	} {
		if len(l.list) > 0 {
			fmt.Fprintf(&b, "\n  %s: %s", l.what, strings.Join(l.list, "; "))
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return errors.New("the weights don't fit the model:" + b.String())
}
