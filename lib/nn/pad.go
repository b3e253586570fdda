package nn

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// PadMode says what [Pad] puts outside, PyTorch's words.
type PadMode string

// What lies outside: zeros, the inside mirrored without its edge, the edge repeated, or the inside again.
const (
	PadZero      PadMode = "constant"
	PadReflect   PadMode = "reflect"
	PadReplicate PadMode = "replicate"
	PadCircular  PadMode = "circular"
)

// Pad puts before[i] and after[i] values around axis i of x, PyTorch's F.pad. Lists shorter than x's rank end in zeros. Numbers below
// 0, which only [PadZero] takes, cut values off.
func Pad(x *graph.Node, mode PadMode, before, after []int) *graph.Node {
	if mode == PadZero {
		return PadConstant(x, 0, before, after)
	}
	before, after = padding(x, before, after)
	for i, d := range x.Shape().Dimensions {
		limit := max(before[i], after[i])
		switch mode {
		case PadReflect:
			limit = max(d-1, 0)
		case PadCircular:
			limit = d
		case PadReplicate:
		default:
			panic(errorf("pad mode %q: it is %q, %q, %q or %q", mode, PadZero, PadReflect, PadReplicate, PadCircular))
		}
		if min(before[i], after[i]) < 0 || max(before[i], after[i]) > limit {
			panic(errorf("pad: axis %d of %s takes 0 to %d values on a side (%s), was given %d and %d", i, x.Shape(), limit, mode, before[i], after[i]))
		}
		x = padAxis(x, mode, i, before[i], after[i])
	}
	return x
}

// PadConstant is [Pad] with a value.
func PadConstant(x *graph.Node, value float64, before, after []int) *graph.Node {
	before, after = padding(x, before, after)
	start, size := make([]int, x.Rank()), make([]int, x.Rank())
	for i, d := range x.Shape().Dimensions {
		start[i] = max(-before[i], 0)
		size[i] = d - start[i] - max(-after[i], 0)
		if size[i] < 0 || size[i] == 0 && d > 0 {
			panic(errorf("pad: axis %d of %s, padded by %d and %d, has nothing left", i, x.Shape(), before[i], after[i]))
		}
		before[i], after[i] = max(before[i], 0), max(after[i], 0)
	}
	return padValue(crop(x, start, size), value, before, after)
}

// padding fills in the numbers that lists leave out. They are the caller's to change.
func padding(x *graph.Node, before, after []int) (allBefore, allAfter []int) {
	rank := x.Rank()
	if len(before) > rank || len(after) > rank {
		panic(errorf("pad: %s has %d axes, was given %d before and %d after", x.Shape(), rank, len(before), len(after)))
	}
	before = append(slices.Clone(before), make([]int, rank-len(before))...)
	after = append(slices.Clone(after), make([]int, rank-len(after))...)
	return before, after
}

// Lengthen adds zeros at the end of an axis, up to a length.
func Lengthen(x *graph.Node, axis, length int) *graph.Node {
	after := make([]int, axis+1)
	after[axis] = length - x.Shape().Dim(axis)
	return Pad(x, PadZero, nil, after)
}

func padAxis(x *graph.Node, mode PadMode, axis, before, after int) *graph.Node {
	if before == 0 && after == 0 {
		return x
	}
	size := x.Shape().Dim(axis)
	if mode == PadCircular {
		parts := []*graph.Node{x}
		if before > 0 {
			parts = append([]*graph.Node{cropAxis(x, axis, size-before, before)}, parts...)
		}
		if after > 0 {
			parts = append(parts, cropAxis(x, axis, 0, after))
		}
		return concat(parts, axis)
	}
	side := func(reflect, edge, n int) *graph.Node {
		if mode == PadReflect {
			return Flip(cropAxis(x, axis, reflect, n), axis)
		}
		dims := slices.Clone(x.Shape().Dimensions)
		dims[axis] = n
		return graph.BroadcastToDims(cropAxis(x, axis, edge, 1), dims...)
	}
	parts := []*graph.Node{x}
	if before > 0 {
		parts = append([]*graph.Node{side(1, 0, before)}, parts...)
	}
	if after > 0 {
		parts = append(parts, side(size-1-after, size-1, after))
	}
	return concat(parts, axis)
}

// padZero and crop are each other's gradients, to any order.
func padZero(x *graph.Node, before, after []int) *graph.Node { return padValue(x, 0, before, after) }

func padValue(x *graph.Node, value float64, before, after []int) *graph.Node {
	if !slices.ContainsFunc(before, notZero) && !slices.ContainsFunc(after, notZero) {
		return x
	}
	axes := make([]graph.PadAxis, x.Rank())
	for i := range axes {
		axes[i] = graph.PadAxis{Start: before[i], End: after[i]}
	}
	y := graph.Pad(x, scalar(x, value), axes...)
	return withGradient(y, []*graph.Node{x}, func(_ int, v *graph.Node) *graph.Node {
		return crop(v, before, x.Shape().Dimensions)
	})
}

// crop is the part of x of the given size from start.
func crop(x *graph.Node, start, size []int) *graph.Node {
	if slices.Equal(size, x.Shape().Dimensions) {
		return x
	}
	if isEmpty(x) {
		return emptyLike(x, size...)
	}
	ranges := make([]graph.SliceAxisSpec, x.Rank())
	after := make([]int, x.Rank())
	for i := range ranges {
		ranges[i] = graph.AxisRange(start[i], start[i]+size[i])
		after[i] = x.Shape().Dim(i) - start[i] - size[i]
	}
	return withGradient(graph.Slice(x, ranges...), []*graph.Node{x}, func(_ int, v *graph.Node) *graph.Node {
		return padZero(v, start, after)
	})
}

// cropAxis is x[start:start+n] along one axis.
func cropAxis(x *graph.Node, axis, start, n int) *graph.Node {
	starts, size := make([]int, x.Rank()), slices.Clone(x.Shape().Dimensions)
	starts[axis], size[axis] = start, n
	return crop(x, starts, size)
}

// concat is graph.Concatenate with second derivatives.
func concat(parts []*graph.Node, axis int) *graph.Node {
	if len(parts) == 1 {
		return parts[0]
	}
	starts := make([]int, len(parts))
	for i := range len(parts) - 1 {
		starts[i+1] = starts[i] + parts[i].Shape().Dim(axis)
	}
	return withGradient(graph.Concatenate(parts, axis), parts, func(i int, v *graph.Node) *graph.Node {
		return cropAxis(v, axis, starts[i], parts[i].Shape().Dim(axis))
	})
}

// Flip turns axes of x round: torch.flip, its own gradient.
func Flip(x *graph.Node, axes ...int) *graph.Node {
	return withGradient(graph.Reverse(x, axes...), []*graph.Node{x}, func(_ int, v *graph.Node) *graph.Node {
		return Flip(v, axes...)
	})
}

func notZero(n int) bool { return n != 0 }
