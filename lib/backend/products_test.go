//go:build linux && cgo

package backend

import (
	"strings"
	"testing"
)

func TestTrainsWithLargeProducts(t *testing.T) {
	product := func(left, right, result, axes string) string {
		return `    %9 = "stablehlo.dot_general"(%a, %b) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [` + axes + `],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<` + left + `>, tensor<` + right + `>) -> tensor<` + result + ">\n"
	}
	const step = "func.func @main(%w: tensor<256x256xf32> { tf.aliasing_output = 0 : i32 }) {\n"
	large := product("256x256xf32", "256x256xf32", "256x256xf32", "1") // 33 million
	both := product("16x128x32xf32", "128x32x512xf32", "16x512xf32", "1, 2")
	small := product("4x256xf32", "256x256xf32", "4x256xf32", "1")
	for name, c := range map[string]struct {
		code string
		want bool
	}{
		"a step":                    {step + large + large, true},
		"two axes contracted":       {step + both, true},
		"one small product":         {step + large + small, false},
		"no products":               {step, false},
		"writes nothing over":       {large, false},
		"written in another way":    {step + strings.ReplaceAll(large, "contracting", "summed"), false},
		"an axis that isn't there":  {step + product("256x256xf32", "256x256xf32", "256x256xf32", "7"), false},
		"a product of two scalars":  {step + product("f32", "f32", "f32", ""), false},
		"cut off within a product":  {step + large[:len(large)/2], false},
		"an unknown size, as in ?x": {step + product("?x256xf32", "256x256xf32", "?x256xf32", "1"), false},
	} {
		if got := trainsWithLargeProducts(c.code); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
