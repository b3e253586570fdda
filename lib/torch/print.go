package torch

import (
	"fmt"
	"html"
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
	var b strings.Builder
	for _, l := range printed(module) {
		b.WriteString("\n  " + strings.ReplaceAll(l.label+Sprint(l.part), "\n", "\n  "))
	}
	if b.Len() == 0 {
		return name + "()"
	}
	return name + "(" + b.String() + "\n)"
}

// HTML is [Sprint] for a notebook, where each module that holds others folds.
func HTML(module any) string {
	return `<div style="font-family:monospace">` + foldable("", module) + `</div>`
}

func foldable(label string, module any) string {
	parts := printed(module)
	if len(parts) == 0 {
		return `<div>` + html.EscapeString(label+Sprint(module)) + `</div>`
	}
	var b strings.Builder
	b.WriteString(`<details open><summary>` + html.EscapeString(label+className(module)) + `</summary><div style="margin-left:2em">`)
	for _, l := range parts {
		b.WriteString(foldable(l.label, l.part))
	}
	b.WriteString(`</div></details>`)
	return b.String()
}

// line is a module in another, as print labels it: "(0): " or "(0-5): 6 x ".
type line struct {
	label string
	part  any
}

func printed(module any) []line {
	list := className(module) == "ModuleList" // it alone folds equal neighbours
	var lines []line
	children := modules(module)
	for i := 0; i < len(children); {
		first, n := children[i], i+1
		for list && n < len(children) && Sprint(children[n].Part) == Sprint(first.Part) {
			n++
		}
		label := fmt.Sprintf("(%s): ", first.Name)
		if n > i+1 {
			label = fmt.Sprintf("(%s-%s): %d x ", first.Name, children[n-1].Name, n-i)
		}
		lines = append(lines, line{label, first.Part})
		i = n
	}
	return lines
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
