package nn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Conv is a convolution layer, PyTorch's nn.Conv1d to nn.Conv3d or nn.ConvTranspose1d to nn.ConvTranspose3d.
type Conv struct {
	In, Out    int
	Kernel     []int // for each spatial axis
	Options    ConvOptions
	Transposed bool

	Weight *Param `nn:"weight"` // [kernel..., in/groups, out]; transposed: [kernel..., out/groups, in]
	Bias   *Param `nn:"bias"`   // [out]; nil without
}

// NewConv1d makes a layer for x: [batch, length, in]. kernel has one value.
func NewConv1d(in, out int, kernel []int, o ConvOptions) *Conv {
	return newConvLayer(1, false, in, out, kernel, o)
}

// NewConv2d makes a layer for x: [batch, height, width, in]. kernel has one value, or two.
func NewConv2d(in, out int, kernel []int, o ConvOptions) *Conv {
	return newConvLayer(2, false, in, out, kernel, o)
}

// NewConv3d makes a layer for x: [batch, depth, height, width, in]. kernel has one value, or three.
func NewConv3d(in, out int, kernel []int, o ConvOptions) *Conv {
	return newConvLayer(3, false, in, out, kernel, o)
}

// NewConvTranspose1d is [NewConv1d]'s transposed counterpart.
func NewConvTranspose1d(in, out int, kernel []int, o ConvOptions) *Conv {
	return newConvLayer(1, true, in, out, kernel, o)
}

// NewConvTranspose2d is [NewConv2d]'s transposed counterpart.
func NewConvTranspose2d(in, out int, kernel []int, o ConvOptions) *Conv {
	return newConvLayer(2, true, in, out, kernel, o)
}

// NewConvTranspose3d is [NewConv3d]'s transposed counterpart.
func NewConvTranspose3d(in, out int, kernel []int, o ConvOptions) *Conv {
	return newConvLayer(3, true, in, out, kernel, o)
}

func newConvLayer(axes int, transposed bool, in, out int, kernel []int, o ConvOptions) *Conv {
	o.Groups = max(o.Groups, 1)
	if in < 1 || out < 1 || in%o.Groups != 0 || out%o.Groups != 0 {
		panic(errorf("a convolution in %d groups takes and gives multiples of it, was asked for %d to %d channels", o.Groups, in, out))
	}
	l := &Conv{In: in, Out: out, Kernel: perAxis("kernel", kernel, axes, 1, 1), Options: o, Transposed: transposed}
	first, last := in/o.Groups, out
	if transposed {
		first, last = out/o.Groups, in
	}
	// A file has [out, in/groups, kernel...] or, transposed, [in, out/groups, kernel...].
	l.Weight = &Param{Shape: append(slices.Clone(l.Kernel), first, last), Perm: append([]int{axes + 1, axes}, upTo(axes)...)}
	fanIn := first
	for _, k := range l.Kernel {
		fanIn *= k
	}
	l.Weight.Init = fanInInit(fanIn)
	if !o.NoBias {
		l.Bias = &Param{Shape: []int{out}, Init: fanInInit(fanIn)}
	}
	return l
}

// Forward maps x: [batch, spatial..., in] to [batch, spatial..., out].
func (l *Conv) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != len(l.Kernel)+2 || x.Shape().Dim(-1) != l.In {
		panic(errorf("%s %q takes [batch, %d spatial axes, %d], was given %s", l.name(), l.Weight.path, len(l.Kernel), l.In, x.Shape()))
	}
	apply := Convolve
	if l.Transposed {
		apply = ConvTranspose
	}
	y := apply(x, l.Weight.Node(s, x.Graph()), l.Options)
	if l.Bias != nil && !isEmpty(y) {
		y = graph.Add(y, graph.ExpandLeftToRank(l.Bias.Node(s, x.Graph()), y.Rank()))
	}
	return Observed(s, l, y)
}

func (l *Conv) name() string {
	if l.Transposed {
		return fmt.Sprintf("ConvTranspose%dd", len(l.Kernel))
	}
	return fmt.Sprintf("Conv%dd", len(l.Kernel))
}

// String is the line that PyTorch prints.
func (l *Conv) String() string {
	var b strings.Builder
	o, n := l.Options, len(l.Kernel)
	fmt.Fprintf(&b, "%s(%d, %d, kernel_size=%s, stride=%s", l.name(), l.In, l.Out, pyTuple(l.Kernel), pyTuple(perAxis("stride", o.Stride, n, 1, 1)))
	for _, option := range []struct {
		name      string
		values    []int
		byDefault int
	}{{"padding", o.Padding, 0}, {"dilation", o.Dilation, 1}, {"output_padding", o.OutputPadding, 0}} {
		if option.name == "padding" && o.Same {
			b.WriteString(", padding=same")
			continue
		}
		values := perAxis(option.name, option.values, n, option.byDefault, option.byDefault)
		if slices.ContainsFunc(values, func(v int) bool { return v != option.byDefault }) {
			fmt.Fprintf(&b, ", %s=%s", option.name, pyTuple(values))
		}
	}
	if o.Groups > 1 {
		fmt.Fprintf(&b, ", groups=%d", o.Groups)
	}
	if l.Bias == nil {
		b.WriteString(", bias=False")
	}
	if o.PadMode != "" && o.PadMode != PadZero {
		fmt.Fprintf(&b, ", padding_mode=%s", o.PadMode)
	}
	b.WriteString(")")
	return b.String()
}

// pyInts writes an option as PyTorch keeps it: a number, or a tuple where there were several.
func pyInts(values []int) string {
	if len(values) == 1 {
		return strconv.Itoa(values[0])
	}
	return pyTuple(values)
}

// pyTuple writes integers as Python's repr of a tuple does.
func pyTuple(values []int) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = strconv.Itoa(v)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
