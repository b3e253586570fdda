package nn

import (
	"cmp"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Activations made of straight lines. At a kink their gradients are PyTorch's.

// ReLU6 is min(max(x, 0), 6).
type ReLU6 struct{ Inplace bool }

// Forward maps x element by element.
func (ReLU6) Forward(_ *model.Scope, x *graph.Node) *graph.Node { return between(x, 0, 6, x) }

// String is the line that PyTorch prints.
func (l ReLU6) String() string {
	if l.Inplace {
		return "ReLU6(inplace=True)"
	}
	return "ReLU6()"
}

// Hardtanh is min(max(x, Min), Max).
type Hardtanh struct {
	Min, Max float64 // both 0 are PyTorch's defaults, -1 and 1
	Inplace  bool
}

// Forward maps x element by element.
func (l Hardtanh) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	low, high := l.bounds()
	if low >= high {
		panic(errorf("%s: max_val must be more than min_val", l))
	}
	return between(x, low, high, x)
}

func (l Hardtanh) bounds() (low, high float64) {
	if l.Min == 0 && l.Max == 0 {
		return -1, 1
	}
	return l.Min, l.Max
}

// String is the line that PyTorch prints.
func (l Hardtanh) String() string {
	low, high := l.bounds()
	return fmt.Sprintf("Hardtanh(min_val=%s, max_val=%s%s)", pyFloat(low), pyFloat(high), inplace(l.Inplace))
}

// Hardsigmoid is x/6 + 1/2 between -3 and 3, else 0 or 1 (Howard et al., "Searching for MobileNetV3", 2019, section 5.2).
type Hardsigmoid struct{}

// Forward maps x element by element.
func (Hardsigmoid) Forward(_ *model.Scope, x *graph.Node) *graph.Node { return hardSigmoid(x) }

// String is the line that PyTorch prints.
func (Hardsigmoid) String() string { return "Hardsigmoid()" }

func hardSigmoid(x *graph.Node) *graph.Node {
	line := graph.AddScalar(graph.DivScalar(x, 6), 0.5)
	y := graph.Where(graph.GreaterThan(x, scalar(x, -3)), line, graph.ZerosLike(x))
	return graph.Where(graph.GreaterOrEqual(x, scalar(x, 3)), graph.OnesLike(x), nanOr(x, y))
}

// Hardswish is x·hardsigmoid(x) (Howard et al., section 5.2, equation 2).
type Hardswish struct{}

// Forward maps x element by element.
func (Hardswish) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	inner := graph.Mul(x, graph.AddScalar(graph.DivScalar(x, 6), 0.5))
	y := graph.Where(graph.GreaterThan(x, scalar(x, -3)), inner, graph.ZerosLike(x))
	return graph.Where(graph.GreaterOrEqual(x, scalar(x, 3)), x, nanOr(x, y))
}

// String is the line that PyTorch prints.
func (Hardswish) String() string { return "Hardswish()" }

// Hardshrink is x, or 0 between -Lambda and Lambda.
type Hardshrink struct {
	Lambda float64 // 0 is PyTorch's default, 0.5
}

// Forward maps x element by element.
func (l Hardshrink) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	lambda := cmp.Or(l.Lambda, 0.5)
	inside := graph.LogicalAnd(graph.GreaterOrEqual(x, scalar(x, -lambda)), graph.LessOrEqual(x, scalar(x, lambda)))
	return graph.Where(inside, graph.ZerosLike(x), x)
}

// String is the line that PyTorch prints.
func (l Hardshrink) String() string { return "Hardshrink(" + pyFloat(cmp.Or(l.Lambda, 0.5)) + ")" }

// Softshrink is x brought nearer to 0 by Lambda, and 0 between -Lambda and Lambda.
type Softshrink struct {
	Lambda float64 // 0 is PyTorch's default, 0.5
}

// Forward maps x element by element.
func (l Softshrink) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	lambda := cmp.Or(l.Lambda, 0.5)
	y := graph.Where(graph.GreaterThan(x, scalar(x, lambda)), graph.AddScalar(x, -lambda), nanOr(x, graph.ZerosLike(x)))
	return graph.Where(graph.LessThan(x, scalar(x, -lambda)), graph.AddScalar(x, lambda), y)
}

// String is the line that PyTorch prints.
func (l Softshrink) String() string { return "Softshrink(" + pyFloat(cmp.Or(l.Lambda, 0.5)) + ")" }

// Threshold is x where it is more than At, else Value.
type Threshold struct {
	At, Value float64
	Inplace   bool
}

// Forward maps x element by element.
func (l Threshold) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	value := graph.BroadcastToDims(scalar(x, l.Value), x.Shape().Dimensions...)
	return graph.Where(graph.LessOrEqual(x, scalar(x, l.At)), value, x)
}

// String is the line that PyTorch prints.
func (l Threshold) String() string {
	return fmt.Sprintf("Threshold(threshold=%s, value=%s%s)", pyFloat(l.At), pyFloat(l.Value), inplace(l.Inplace))
}

// between is y, which is x where low < x < high, else the bound, without a gradient there.
func between(x *graph.Node, low, high float64, y *graph.Node) *graph.Node {
	wide := func(v float64) *graph.Node { return graph.BroadcastToDims(scalar(x, v), x.Shape().Dimensions...) }
	y = graph.Where(graph.LessOrEqual(x, scalar(x, low)), wide(low), y)
	return graph.Where(graph.GreaterOrEqual(x, scalar(x, high)), wide(high), y)
}

// nanOr is y, and NaN where x is.
func nanOr(x, y *graph.Node) *graph.Node { return graph.Where(isNaN(x), x, y) }
