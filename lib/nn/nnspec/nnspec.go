// Package nnspec opens the layers, losses and functions of package nn by PyTorch's names and arguments, with inputs and outputs as PyTorch
// lays them out: so that a file of tensors which PyTorch made can be run here, and compared. An argument that isn't there is refused by its
// name; [IDs] lists what there is.
package nnspec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"genlab/lib/nn"
)

// Case is a layer, a loss or a function as a config makes it.
type Case struct {
	// Net has the parameters under PyTorch's names; a struct without any where there are none.
	Net any
	// Inputs are PyTorch's names of what forward takes, in its order; those from Required on may be left out.
	Inputs   []string
	Required int
	// Forward gives the outputs by name; in holds nil for an input that isn't given. All lie as in PyTorch: channels first.
	Forward func(s *model.Scope, in []*graph.Node) map[string]*graph.Node
}

// IDs lists what [Open] knows, such as torch.nn.Conv2d.
func IDs() []string { return slices.Sorted(maps.Keys(cases)) }

// Open makes a case from the constructor's arguments (for a function: those that are no tensors), a JSON object under PyTorch's names; those
// left out have PyTorch's defaults.
func Open(id string, config []byte) (Case, error) {
	open, ok := cases[id]
	if !ok {
		return Case{}, fmt.Errorf("there is no %s: there are %s", id, strings.Join(IDs(), ", "))
	}
	c, err := open(config)
	if err != nil {
		return Case{}, fmt.Errorf("%s: %w", id, err)
	}
	return c, nil
}

type opener func(config []byte) (Case, error)

// cases holds all; each file adds its own.
var cases = map[string]opener{}

// add makes a case of a function from arguments, a struct whose fields have PyTorch's names as JSON tags. Arguments begin as byDefault.
func add[A any](id string, byDefault A, build func(a A) (Case, error)) {
	cases[id] = func(config []byte) (c Case, err error) {
		a := byDefault
		if err := decode(config, &a); err != nil {
			return Case{}, err
		}
		failure := exceptions.TryCatch[error](func() { c, err = build(a) })
		if err := errors.Join(failure, err); err != nil {
			return Case{}, err
		}
		if c.Net == nil {
			c.Net = struct{}{}
		}
		nn.Name(c.Net)
		if c.Required == 0 {
			c.Required = len(c.Inputs)
		}
		return c, nil
	}
}

// decode fills arguments and refuses unknown ones by name.
func decode(config []byte, into any) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(config, &given); err != nil {
		return fmt.Errorf("the config must be a JSON object: %w", err)
	}
	known := names(reflect.TypeOf(into).Elem())
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no %s here: it takes %s", name, strings.Join(known, ", "))
		}
	}
	if err := json.NewDecoder(bytes.NewReader(config)).Decode(into); err != nil {
		return fmt.Errorf("the config: %w", err)
	}
	return nil
}

func names(t reflect.Type) []string {
	var list []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			list = append(list, names(f.Type)...)
		} else {
			list = append(list, f.Tag.Get("json"))
		}
	}
	return list
}

// ints is a number or a list of numbers; none where it was left out or null.
type ints []int

// UnmarshalJSON reads either.
func (v *ints) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*v = nil
		return nil
	}
	if data[0] != '[' {
		data = slices.Concat([]byte("["), data, []byte("]"))
	}
	var list []*int
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*v = make(ints, len(list))
	for i, n := range list {
		if n != nil { // null is 0: an adaptive pool keeps such an axis
			(*v)[i] = *n
		}
	}
	return nil
}

// floats is a number or a list of numbers.
type floats []float64

// UnmarshalJSON reads either.
func (v *floats) UnmarshalJSON(data []byte) error {
	if data[0] != '[' && string(data) != "null" {
		data = slices.Concat([]byte("["), data, []byte("]"))
	}
	return json.Unmarshal(data, (*[]float64)(v))
}

// maybe is a number, or null, which PyTorch calls None.
type maybe struct {
	value float64
	none  bool
}

// UnmarshalJSON reads either.
func (v *maybe) UnmarshalJSON(data []byte) error {
	v.none = string(data) == "null"
	if v.none {
		return nil
	}
	return json.Unmarshal(data, &v.value)
}

func output(y *graph.Node) map[string]*graph.Node { return map[string]*graph.Node{"output": y} }

// plain is a layer whose input lies here as it does in PyTorch.
func plain(l nn.Layer) Case {
	return Case{Net: l, Inputs: []string{"input"}, Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		return output(l.Forward(s, in[0]))
	}}
}

// images is a layer whose input has channels last here and second in PyTorch.
func images(l nn.Layer) Case {
	return Case{Net: l, Inputs: []string{"input"}, Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		return output(toFirst(l.Forward(s, toLast(in[0]))))
	}}
}

// function is a case without parameters of given inputs.
func function(inputs []string, f func(in []*graph.Node) *graph.Node) Case {
	return Case{Inputs: inputs, Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node { return output(f(in)) }}
}

// toLast moves axis 1 to the end, toFirst undoes it.
func toLast(x *graph.Node) *graph.Node {
	if x.Rank() < 3 {
		return x
	}
	order := []int{0}
	for i := 2; i < x.Rank(); i++ {
		order = append(order, i)
	}
	return graph.TransposeAllAxes(x, append(order, 1)...)
}

func toFirst(x *graph.Node) *graph.Node {
	if x.Rank() < 3 {
		return x
	}
	order := []int{0, x.Rank() - 1}
	for i := 1; i < x.Rank()-1; i++ {
		order = append(order, i)
	}
	return graph.TransposeAllAxes(x, order...)
}
