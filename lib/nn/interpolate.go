package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// InterpolateOptions are those of PyTorch's F.interpolate.
type InterpolateOptions struct {
	Size  []int     // of the output: one for every spatial axis, or one for each
	Scale []float64 // in place of Size: factors, whose products are rounded down
	// Mode is "nearest" ("" too), "nearest-exact", "area", "linear", "bilinear", "trilinear" or "bicubic"; the last four are of 1, 2, 3 and
	// 2 axes.
	Mode         string
	AlignCorners bool // the outermost values stand on each other; for the last four
	Antialias    bool // weighs all values that an output covers; for bilinear and bicubic
	// RecomputeScale has coordinates follow from the sizes also where Scale is given.
	RecomputeScale bool
}

// Interpolate resizes the spatial axes of x: [batch, spatial..., channels]. It has derivatives of every order.
func Interpolate(x *graph.Node, o InterpolateOptions) *graph.Node {
	axes := x.Rank() - 2
	if axes < 1 {
		panic(errorf("interpolation takes [batch, spatial..., channels], was given %s", x.Shape()))
	}
	o.check(axes)
	sizes, scales := o.sizes(spatial(x))
	if isEmpty(x) {
		return emptyLike(x, slices.Concat(x.Shape().Dimensions[:1], sizes, x.Shape().Dimensions[axes+1:])...)
	}
	if o.Mode == "area" {
		return adaptive(x, sizes, false)
	}
	for i := range axes {
		x = o.along(x, i+1, sizes[i], scales[i])
	}
	return x
}

func (o InterpolateOptions) check(axes int) {
	known := map[string]int{"": 0, "nearest": 0, "nearest-exact": 0, "area": 0, "linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}
	wants, ok := known[o.Mode]
	smooth := wants > 0
	switch {
	case !ok:
		panic(errorf("interpolation mode %q: it is nearest, nearest-exact, area, linear, bilinear, trilinear or bicubic", o.Mode))
	case smooth && wants != axes:
		panic(errorf("interpolation mode %q takes %d spatial axes, was given %d", o.Mode, wants, axes))
	case o.AlignCorners && !smooth:
		panic(errorf("interpolation with AlignCorners is linear, bilinear, trilinear or bicubic, not %q", o.Mode))
	case o.Antialias && o.Mode != "bilinear" && o.Mode != "bicubic":
		panic(errorf("interpolation with Antialias is bilinear or bicubic, not %q", o.Mode))
	case (len(o.Size) == 0) == (len(o.Scale) == 0):
		panic(errorf("interpolation takes Size or Scale, was given %v and %v", o.Size, o.Scale))
	case len(o.Scale) > 1 && len(o.Scale) != axes:
		panic(errorf("interpolation by %v: give one factor, or one for each of %d axes", o.Scale, axes))
	}
}

// sizes gives the output's sizes and, for each axis, how many inputs an output stands for; 0 where the sizes tell.
func (o InterpolateOptions) sizes(in []int) (sizes []int, steps []float32) {
	steps = make([]float32, len(in))
	if len(o.Size) > 0 {
		return perAxis("size", o.Size, len(in), 1, 1), steps
	}
	sizes = make([]int, len(in))
	for i, n := range in {
		factor := o.Scale[min(i, len(o.Scale)-1)]
		if sizes[i] = int(float64(n) * factor); sizes[i] < 1 {
			panic(errorf("interpolation by %g leaves nothing of an axis of %d", factor, n))
		}
		if !o.RecomputeScale {
			steps[i] = float32(1 / factor)
		}
	}
	return sizes, steps
}

func (o InterpolateOptions) along(x *graph.Node, axis, out int, step float32) *graph.Node {
	in := x.Shape().Dim(axis)
	switch {
	case o.AlignCorners && out > 1:
		step = float32(in-1) / float32(out-1)
	case o.AlignCorners:
		step = 0
	case step == 0:
		step = float32(in) / float32(out)
	}
	switch o.Mode {
	case "", "nearest", "nearest-exact":
		places := make([]int32, out)
		for i := range places {
			at := float32(i)
			if o.Mode == "nearest-exact" {
				at += 0.5
			}
			places[i] = int32(min(int(at*step), in-1))
		}
		return takeAlong(x, axis, places)
	}
	if in == out && step == 1 && !o.Antialias {
		return x
	}
	weights := make([][]float32, out)
	for i := range weights {
		if o.Antialias {
			weights[i] = o.covered(i, in, float64(step))
		} else {
			weights[i] = o.neighbours(i, in, float64(step))
		}
	}
	return mapAxis(x, axis, weights)
}

// neighbours gives the weights of the inputs next to output i.
func (o InterpolateOptions) neighbours(i, in int, step float64) []float32 {
	row := make([]float32, in)
	at := (float64(i)+0.5)*step - 0.5
	if o.AlignCorners {
		at = float64(i) * step
	}
	if o.Mode == "bicubic" {
		left := math.Floor(at)
		for tap := -1; tap <= 2; tap++ {
			row[min(max(int(left)+tap, 0), in-1)] += float32(cubic(at-left-float64(tap), -0.75))
		}
		return row
	}
	at = max(at, 0)
	left := min(int(at), in-1)
	w := float32(at - float64(left))
	row[left] += 1 - w
	row[min(left+1, in-1)] += w
	return row
}

// covered gives the weights of all inputs that output i covers, which add up to 1 (Pillow's rule, which PyTorch took over).
func (o InterpolateOptions) covered(i, in int, step float64) []float32 {
	reach, filter := 1.0, func(d float64) float64 { return max(1-math.Abs(d), 0) }
	if o.Mode == "bicubic" {
		reach, filter = 2, func(d float64) float64 { return cubic(d, -0.5) }
	}
	wide := max(step, 1)
	centre := step * (float64(i) + 0.5)
	first, last := max(int(centre-reach*wide+0.5), 0), min(int(centre+reach*wide+0.5), in)
	weights, sum := make([]float64, in), 0.0
	for j := first; j < last; j++ {
		weights[j] = filter((float64(j) - centre + 0.5) / wide)
		sum += weights[j]
	}
	row := make([]float32, in)
	for j, w := range weights {
		row[j] = float32(w / sum)
	}
	return row
}

// cubic is the convolution kernel of Keys, "Cubic convolution interpolation for digital image processing", 1981, with its parameter a.
func cubic(d, a float64) float64 {
	switch d = math.Abs(d); {
	case d <= 1:
		return ((a+2)*d-(a+3))*d*d + 1
	case d < 2:
		return ((a*d-5*a)*d+8*a)*d - 4*a
	default:
		return 0
	}
}

// mapAxis multiplies an axis of x by a constant matrix [out, in]. As a matrix product it has derivatives of any order.
func mapAxis(x *graph.Node, axis int, matrix [][]float32) *graph.Node {
	m := graph.ConvertDType(graph.Const(x.Graph(), matrix), x.DType())
	y := graph.EinsumAxes(x, m, [][2]int{{axis, 1}}, nil) // the new axis comes last
	order := upTo(x.Rank() - 1)
	return graph.TransposeAllAxes(y, slices.Insert(order, axis, x.Rank()-1)...)
}

// takeAlong picks places along an axis; repeated ones, as an upsampling has them, without a gather.
func takeAlong(x *graph.Node, axis int, places []int32) *graph.Node {
	in := x.Shape().Dim(axis)
	if n := len(places) / in; n > 0 && len(places) == n*in && !slices.ContainsFunc(upTo(len(places)), func(i int) bool { return int(places[i]) != i/n }) {
		return repeat(x, axis, n)
	}
	order := upTo(x.Rank())
	order[0], order[axis] = order[axis], order[0]
	rows := graph.Gather(graph.TransposeAllAxes(x, order...), graph.InsertAxes(graph.Const(x.Graph(), places), -1))
	return graph.TransposeAllAxes(rows, order...)
}

// repeat puts each value along an axis n times.
func repeat(x *graph.Node, axis, n int) *graph.Node {
	if n == 1 {
		return x
	}
	dims := slices.Clone(x.Shape().Dimensions)
	x = graph.InsertAxes(x, axis+1)
	x = graph.BroadcastToDims(x, slices.Insert(slices.Clone(dims), axis+1, n)...)
	dims[axis] *= n
	return graph.Reshape(x, dims...)
}

// Upsample is PyTorch's nn.Upsample.
type Upsample struct{ InterpolateOptions }

// UpsampleBy repeats each value n times along every spatial axis, PyTorch's nn.Upsample(scale_factor=factor).
func UpsampleBy(factor int) Upsample {
	return Upsample{InterpolateOptions{Scale: []float64{float64(factor)}}}
}

// Forward resizes x: [batch, spatial..., channels].
func (l Upsample) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return Interpolate(x, l.InterpolateOptions)
}

// String is the line that PyTorch prints.
func (l Upsample) String() string {
	mode := l.Mode
	if mode == "" {
		mode = "nearest"
	}
	if len(l.Size) > 0 {
		return fmt.Sprintf("Upsample(size=%s, mode='%s')", pyInts(l.Size), mode)
	}
	factors := make([]string, len(l.Scale))
	for i, f := range l.Scale {
		factors[i] = pyFloat(f)
	}
	scale := strings.Join(factors, ", ")
	if len(factors) > 1 {
		scale = "(" + scale + ")"
	}
	return fmt.Sprintf("Upsample(scale_factor=%s, mode='%s')", scale, mode)
}
