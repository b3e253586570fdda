package nn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Padding is PyTorch's nn.ZeroPad2d, nn.ConstantPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d or nn.CircularPad2d and their 1d and 3d kin:
// the spatial axes of x: [batch, spatial..., channels] grow by Before and After, one value for each; see [Pad].
type Padding struct {
	Mode          PadMode
	Value         float64 // for PadZero, in place of 0
	Before, After []int
}

// Forward pads x.
func (l Padding) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if len(l.Before) != x.Rank()-2 || len(l.After) != x.Rank()-2 {
		panic(errorf("padding %v before and %v after takes as many spatial axes, was given %s", l.Before, l.After, x.Shape()))
	}
	before, after := append([]int{0}, l.Before...), append([]int{0}, l.After...)
	if l.Value != 0 {
		if l.Mode != PadZero {
			panic(errorf("padding of mode %q takes no value, was given %g", l.Mode, l.Value))
		}
		return PadConstant(x, l.Value, before, after)
	}
	return Pad(x, l.Mode, before, after)
}

// String is the line that PyTorch prints.
func (l Padding) String() string {
	name := map[PadMode]string{PadZero: "Zero", PadReflect: "Reflection", PadReplicate: "Replication", PadCircular: "Circular"}[l.Mode]
	var sides []string // the last axis comes first
	for i := len(l.Before) - 1; i >= 0; i-- {
		sides = append(sides, strconv.Itoa(l.Before[i]), strconv.Itoa(l.After[i]))
	}
	if l.Value != 0 {
		return fmt.Sprintf("ConstantPad%dd(padding=(%s), value=%s)", len(l.Before), strings.Join(sides, ", "), pyFloat(l.Value))
	}
	return fmt.Sprintf("%sPad%dd((%s))", name, len(l.Before), strings.Join(sides, ", "))
}
