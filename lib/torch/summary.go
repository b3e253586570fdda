package torch

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"genlab/lib/nn"
)

// Summary is what torchinfo's table of a model shows, counted by torchinfo's rules: a layer that is neither a convolution nor
// recurrent counts its parameters once a sample, be it applied to one vector or to a sequence. Unlike torchinfo's, it lists layers that the forward pass
// doesn't use.
type Summary struct {
	Layers     []LayerSummary `json:"layers"`
	Params     int            `json:"params"`
	Trainable  int            `json:"trainable_params"`
	MultAdds   int            `json:"mult_adds"`
	InputBytes int            `json:"input_bytes"`
	PassBytes  int            `json:"forward_backward_bytes"` // of layers with parameters: their outputs and the gradients of these
	ParamBytes int            `json:"params_bytes"`
}

// LayerSummary is a line of the table.
type LayerSummary struct {
	Name     string `json:"name"`                   // dotted; empty for the model
	Type     string `json:"type"`                   // the class
	Depth    int    `json:"depth"`                  // 0 for the model
	Index    int    `json:"index"`                  // from 1, among those of its depth
	Output   []int  `json:"output_shape,omitempty"` // PyTorch's layout; missing where nothing ran, or nothing can be told
	Params   int    `json:"params"`                 // its own, not those of layers in it
	MultAdds int    `json:"mult_adds"`
}

// Summarize builds the forward pass, without running it, and counts. in are the shapes of the inputs that forward is given, the
// first with the batch as its first axis.
func Summarize(b compute.Backend, root any, forward func(s *model.Scope, in []*graph.Node), in ...shapes.Shape) (*Summary, error) {
	t := tracer{calls: map[any][]call{}, counted: map[*nn.Param]bool{}}
	err := exceptions.TryCatch[error](func() {
		g := graph.NewGraph(b, "summary")
		s := model.NewStore().RootScope()
		for path, p := range nn.Params(root) {
			if p.Path() == path {
				s.VariableWithShape(path, shapes.Make(p.Type(), p.Shape...))
			}
		}
		nn.SeedGraph(s, graph.Const(g, []uint32{0, 0}))
		nn.Watch(s, g, t.watch)
		nodes := make([]*graph.Node, len(in))
		for i, shape := range in {
			nodes[i] = graph.Parameter(g, fmt.Sprintf("input%d", i), shape)
			t.sum.InputBytes += int(shape.ByteSize())
		}
		if len(in) > 0 && in[0].Rank() > 0 {
			t.batch = in[0].Dimensions[0]
		}
		forward(s, nodes)
	})
	if err != nil {
		return nil, fmt.Errorf("building the forward pass: %w", err)
	}
	if t.n == 0 {
		return nil, errors.New("the forward pass used no layers of the model")
	}
	t.module("", root, nil, 0)
	t.sum.Trainable = t.sum.Params // nothing is frozen
	return &t.sum, nil
}

// call is a layer's use: when, and its output.
type call struct {
	at     int
	output []int
}

type tracer struct {
	calls   map[any][]call // by the layer's address
	n       int
	batch   int
	images  bool // the values at this point of the pass lie as [batch, spatial..., channels]
	counted map[*nn.Param]bool
	index   []int // modules met so far at each depth
	sum     Summary
}

func (t *tracer) watch(_ *model.Scope, layer any, y *graph.Node) {
	of := layer
	if element, ok := layer.(*nn.Layer); ok {
		of = *element
	}
	switch of.(type) {
	case *nn.Conv, *nn.BatchNorm, *nn.GroupNorm, *nn.InstanceNorm:
		t.images = true
	case *nn.Linear, *nn.Embedding, *nn.LayerNorm, *nn.Recurrent:
		t.images = false
	}
	output := slices.Clone(y.Shape().Dimensions)
	if n := len(output); t.images && n > 2 { // channels first, as PyTorch has them
		output = slices.Concat(output[:1], output[n-1:], output[1:n-1])
	}
	t.n++
	t.calls[layer] = append(t.calls[layer], call{t.n, output})
}

// module adds the lines of a module and those in it; it returns its last call. element is its place in a Sequential, if any.
func (t *tracer) module(name string, module, element any, depth int) call {
	if len(t.index) == depth {
		t.index = append(t.index, 0)
	}
	t.index[depth]++
	class, _, _ := strings.Cut(className(module), "(")
	line := LayerSummary{Name: name, Type: class, Depth: depth, Index: t.index[depth]}
	at := len(t.sum.Layers)
	t.sum.Layers = append(t.sum.Layers, line)

	var calls []call
	if reflect.ValueOf(module).Kind() == reflect.Pointer {
		calls = t.calls[module]
	}
	if calls == nil && element != nil {
		calls = t.calls[element]
	}
	var last call
	if len(calls) > 0 {
		last = calls[len(calls)-1]
		line.Output = calls[0].output
	}
	for _, c := range nn.Children(module) {
		p, ok := c.Part.(*nn.Param)
		if !ok || p.Buffer {
			continue
		}
		line.Params += p.Size()
		if !t.counted[p] { // tied ones once
			t.counted[p] = true
			t.sum.Params += p.Size()
			t.sum.ParamBytes += p.Size() * p.Type().Size()
		}
	}
	children := modules(module)
	for i, c := range children {
		var element any
		if list, ok := module.(nn.Sequential); ok {
			element = &list[i]
		}
		if inner := t.module(strings.TrimPrefix(name+"."+c.Name, "."), c.Part, element, depth+1); inner.at > last.at {
			last = inner
		}
	}
	switch {
	case len(children) == 0:
		for _, c := range calls {
			n := t.batch
			switch module.(type) {
			case *nn.Conv: // at each place
				n = 1
				for i, d := range c.output {
					if i != 1 {
						n *= d
					}
				}
			case *nn.Recurrent: // at each step
				n = c.output[0] * c.output[1]
			}
			line.MultAdds += n * line.Params
			if line.Params > 0 {
				size := 2 * 4
				for _, d := range c.output {
					size *= d
				}
				t.sum.PassBytes += size
			}
		}
	case class != "ModuleList" && line.Output == nil: // what its last layer gives
		line.Output = last.output
	}
	t.sum.MultAdds += line.MultAdds
	t.sum.Layers[at] = line
	return last
}

// String is torchinfo's table (version 1.8.0, columns output_size, num_params and mult_adds).
func (s *Summary) String() string {
	const column = 25
	width := 40
	for _, l := range s.Layers {
		if n := len(l.title()) + 5*l.Depth + 1; n >= width {
			width = (n + 4) / 5 * 5
		}
	}
	var b strings.Builder
	rule := strings.Repeat("=", width+3*column) + "\n"
	row := func(cells ...string) {
		line := fmt.Sprintf("%-*s %-*s %-*s %-*s", width, cells[0], column, cells[1], column, cells[2], column, cells[3])
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	b.WriteString(rule)
	row("Layer (type:depth-idx)", "Output Shape", "Param #", "Mult-Adds")
	b.WriteString(rule)
	for _, l := range s.Layers {
		indent := ""
		switch {
		case l.Depth == 1:
			indent = "├─"
		case l.Depth > 1:
			indent = strings.Repeat("│    ", l.Depth-1) + "└─"
		}
		shape := "--"
		if len(l.Output) > 0 {
			shape = strings.ReplaceAll(fmt.Sprint(l.Output), " ", ", ")
		}
		row(indent+l.title(), shape, orNone(l.Params), orNone(l.MultAdds))
	}
	b.WriteString(rule)
	fmt.Fprintf(&b, "Total params: %s\nTrainable params: %s\nNon-trainable params: %s\n", thousands(s.Params), thousands(s.Trainable), thousands(s.Params-s.Trainable))
	unit, n := "M", float64(s.MultAdds)/1e6
	switch {
	case s.MultAdds >= 1e12:
		unit, n = "T", n/1e6
	case s.MultAdds >= 1e9:
		unit, n = "G", n/1e3
	}
	amount := fmt.Sprintf("%.2f", n)
	if n == math.Trunc(n) {
		amount = fmt.Sprintf("%.0f", n)
	}
	fmt.Fprintf(&b, "Total mult-adds (%s): %s\n%s", unit, amount, rule)
	mb := func(n int) float64 { return float64(n) / 1e6 }
	fmt.Fprintf(&b, "Input size (MB): %.2f\nForward/backward pass size (MB): %.2f\nParams size (MB): %.2f\nEstimated Total Size (MB): %.2f\n",
		mb(s.InputBytes), mb(s.PassBytes), mb(s.ParamBytes), mb(s.InputBytes+s.PassBytes+s.ParamBytes))
	b.WriteString(strings.TrimSuffix(rule, "\n"))
	return b.String()
}

func (l LayerSummary) title() string {
	if l.Depth == 0 {
		return l.Type
	}
	return fmt.Sprintf("%s: %d-%d", l.Type, l.Depth, l.Index)
}

func orNone(n int) string {
	if n == 0 {
		return "--"
	}
	return thousands(n)
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
