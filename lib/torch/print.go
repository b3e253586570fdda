package torch

import (
	"fmt"
	"reflect"
	"strings"

	"genlab/lib/nn"
)

// Sprint gives what PyTorch's print(model) shows. A part's own String is its line ("ReLU()") or, where parts lie in it, the name of
// its class ("Sequential"); a slice of layers is a ModuleList.
func Sprint(module any) string {
	name := className(module)
	if strings.Contains(name, "(") {
		return name
	}
	var lines []string
	children := modules(module)
	for i := 0; i < len(children); {
		text := Sprint(children[i].Part)
		n := i + 1
		for name == "ModuleList" && n < len(children) && Sprint(children[n].Part) == text {
			n++ // ModuleList alone folds equal neighbours
		}
		if n == i+1 {
			text = fmt.Sprintf("(%s): %s", children[i].Name, text)
		} else {
			text = fmt.Sprintf("(%s-%s): %d x %s", children[i].Name, children[n-1].Name, n-i, text)
		}
		lines = append(lines, "  "+strings.ReplaceAll(text, "\n", "\n  "))
		i = n
	}
	if len(lines) == 0 {
		return name + "()"
	}
	return name + "(\n" + strings.Join(lines, "\n") + "\n)"
}

// className is a part's line or the name of its class.
func className(module any) string {
	if s, ok := module.(fmt.Stringer); ok {
		return s.String()
	}
	t := reflect.Indirect(reflect.ValueOf(module)).Type()
	if t.Kind() == reflect.Slice && t.Name() == "" {
		return "ModuleList"
	}
	return t.Name()
}

// modules are the children that are no parameters.
func modules(module any) []nn.Child {
	var list []nn.Child
	for _, c := range nn.Children(module) {
		if _, ok := c.Part.(*nn.Param); !ok {
			list = append(list, c)
		}
	}
	return list
}
