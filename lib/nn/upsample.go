package nn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Upsample is PyTorch's nn.Upsample by a whole factor, for x: [batch, spatial..., channels].
type Upsample struct {
	Factor int
	// Bilinear weighs the two nearest values of each axis, with align_corners False (what PyTorch calls linear for one axis);
	// otherwise the nearest value is repeated.
	Bilinear bool
}

// Forward multiplies the spatial sizes by the factor.
func (l Upsample) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() < 3 || l.Factor < 1 {
		panic(errorf("upsampling by %d takes [batch, spatial..., channels], was given %s", l.Factor, x.Shape()))
	}
	for axis := 1; axis < x.Rank()-1; axis++ {
		if l.Bilinear {
			x = mapAxis(x, axis, linearWeights(x.Shape().Dim(axis), l.Factor))
		} else {
			x = repeat(x, axis, l.Factor)
		}
	}
	return x
}

// String is the line that PyTorch prints.
func (l Upsample) String() string {
	mode := "nearest"
	if l.Bilinear {
		mode = "bilinear"
	}
	return fmt.Sprintf("Upsample(scale_factor=%d.0, mode='%s')", l.Factor, mode)
}

// repeat puts each value along an axis n times.
func repeat(x *graph.Node, axis, n int) *graph.Node {
	dims := slices.Clone(x.Shape().Dimensions)
	x = graph.InsertAxes(x, axis+1)
	x = graph.BroadcastToDims(x, slices.Insert(slices.Clone(dims), axis+1, n)...)
	dims[axis] *= n
	return graph.Reshape(x, dims...)
}

// linearWeights is the matrix [in·factor, in] of linear interpolation: an output's centre falls between two inputs' centres, or
// takes the one at the edge.
func linearWeights(in, factor int) [][]float32 {
	rows := make([][]float32, in*factor)
	for i := range rows {
		rows[i] = make([]float32, in)
		at := max((float64(i)+0.5)/float64(factor)-0.5, 0)
		left := min(int(at), in-1)
		right := min(left+1, in-1)
		w := float32(at - float64(left))
		rows[i][left] += 1 - w
		rows[i][right] += w
	}
	return rows
}

// mapAxis multiplies an axis of x by a constant matrix [out, in]. As a matrix product it has derivatives of any order.
func mapAxis(x *graph.Node, axis int, matrix [][]float32) *graph.Node {
	m := graph.ConvertDType(graph.Const(x.Graph(), matrix), x.DType())
	y := graph.EinsumAxes(x, m, [][2]int{{axis, 1}}, nil) // the new axis comes last
	order := upTo(x.Rank() - 1)
	return graph.TransposeAllAxes(y, slices.Insert(order, axis, x.Rank()-1)...)
}

// PixelShuffle is PyTorch's nn.PixelShuffle (Shi et al., "Real-time single image and video super-resolution", 2016):
// [batch, height, width, channels·r²] to [batch, height·r, width·r, channels].
type PixelShuffle struct{ Factor int }

// Forward moves channels into space.
func (l PixelShuffle) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	r := l.Factor
	if x.Rank() != 4 || r < 1 || x.Shape().Dim(-1)%(r*r) != 0 {
		panic(errorf("pixel shuffle by %d takes [batch, height, width, a multiple of %d], was given %s", r, r*r, x.Shape()))
	}
	d := x.Shape().Dimensions
	c := d[3] / (r * r)
	x = graph.Reshape(x, d[0], d[1], d[2], c, r, r)
	x = graph.TransposeAllAxes(x, 0, 1, 4, 2, 5, 3)
	return graph.Reshape(x, d[0], d[1]*r, d[2]*r, c)
}

// String is the line that PyTorch prints.
func (l PixelShuffle) String() string {
	return "PixelShuffle(upscale_factor=" + strconv.Itoa(l.Factor) + ")"
}

// Padding is PyTorch's nn.ZeroPad2d, nn.ReflectionPad2d or nn.ReplicationPad2d and their 1d kin: the spatial axes of x:
// [batch, spatial..., channels] grow by Before and After, one value for each.
type Padding struct {
	Mode          PadMode
	Before, After []int
}

// Forward pads x.
func (l Padding) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if len(l.Before) != x.Rank()-2 || len(l.After) != x.Rank()-2 {
		panic(errorf("padding %v before and %v after takes as many spatial axes, was given %s", l.Before, l.After, x.Shape()))
	}
	return Pad(x, l.Mode, append([]int{0}, l.Before...), append([]int{0}, l.After...))
}

// String is the line that PyTorch prints.
func (l Padding) String() string {
	name := map[PadMode]string{PadZero: "Zero", PadReflect: "Reflection", PadReplicate: "Replication"}[l.Mode]
	var sides []string // the last axis comes first
	for i := len(l.Before) - 1; i >= 0; i-- {
		sides = append(sides, strconv.Itoa(l.Before[i]), strconv.Itoa(l.After[i]))
	}
	return fmt.Sprintf("%sPad%dd((%s))", name, len(l.Before), strings.Join(sides, ", "))
}
