package nn

import (
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"
)

// Child is a named part of a module: a *[Param], a layer, or a struct of layers.
type Child struct {
	Name string
	Part any
}

// Lister is a module that names its own parts, such as [Sequential].
type Lister interface {
	Children() []Child
}

// Children lists the parts of a module in the order of its declaration: the fields with an `nn:"name"` tag. Nil fields (a bias
// that a layer goes without) are left out; a slice names its elements 0, 1, 2, … under the field's name.
func Children(module any) []Child {
	if l, ok := module.(Lister); ok {
		return l.Children()
	}
	v := reflect.Indirect(reflect.ValueOf(module))
	switch v.Kind() {
	case reflect.Slice:
		list := make([]Child, v.Len())
		for i := range list {
			list[i] = Child{strconv.Itoa(i), v.Index(i).Interface()}
		}
		return list
	case reflect.Struct:
		var list []Child
		for i := range v.NumField() {
			name, ok := v.Type().Field(i).Tag.Lookup("nn")
			if !ok {
				continue
			}
			field := v.Field(i)
			if k := field.Kind(); (k == reflect.Pointer || k == reflect.Interface || k == reflect.Slice) && field.IsNil() {
				continue
			}
			list = append(list, Child{name, field.Interface()})
		}
		return list
	default:
		return nil
	}
}

// Params yields every parameter and buffer below root with its dotted path, in PyTorch's order. A tied parameter comes once for
// each place.
func Params(root any) iter.Seq2[string, *Param] {
	return func(yield func(string, *Param) bool) { walk("", root, yield) }
}

func walk(prefix string, part any, yield func(string, *Param) bool) bool {
	if p, ok := part.(*Param); ok {
		if p.derived == nil {
			return yield(prefix, p)
		}
		p.path = prefix // for errors: it is no variable
		at := strings.LastIndexByte(prefix, '.') + 1
		for _, c := range p.derived.parts(prefix[at:]) {
			if !walk(prefix[:at]+c.Name, c.Part, yield) {
				return false
			}
		}
		return true
	}
	if prefix != "" {
		prefix += "."
	}
	for _, c := range Children(part) {
		if !walk(prefix+c.Name, c.Part, yield) {
			return false
		}
	}
	return true
}

// Name gives every parameter below root its path and returns root. A constructor ends with it. A tied parameter keeps the first
// of its paths.
func Name[M any](root M) M {
	named := map[*Param]bool{}
	for path, p := range Params(root) {
		if !named[p] {
			p.path = path
			named[p] = true
		}
	}
	return root
}

// Count returns the number of trained values below root, as PyTorch counts parameters: without buffers, tied ones once.
func Count(root any) int {
	seen := map[*Param]bool{}
	n := 0
	for _, p := range Params(root) {
		if !p.Buffer && !seen[p] {
			n += p.Size()
			seen[p] = true
		}
	}
	return n
}

// errorf is what graph code panics with: GoMLX hands panics with an error back to the caller, any other would hang it.
func errorf(format string, args ...any) error { return fmt.Errorf("nn: "+format, args...) }
