package nn

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
)

// Gradient penalties need second derivatives: these run through forward, input gradient and kernel gradient, all three's own
// gradients.
func TestConvDerivatives(t *testing.T) {
	cases := []struct {
		x, kernel []int
		o         ConvOptions
	}{
		{[]int{2, 8, 2}, []int{4, 2, 3}, ConvOptions{Stride: []int{2}, Padding: []int{1}}},
		{[]int{2, 7, 2}, []int{2, 2, 3}, ConvOptions{}},
		{[]int{2, 9, 4}, []int{3, 2, 6}, ConvOptions{Stride: []int{2}, Padding: []int{2}, Dilation: []int{2}, Groups: 2}},
		{[]int{1, 1, 2}, []int{1, 2, 2}, ConvOptions{Stride: []int{3}, Padding: []int{1}}},
		{[]int{2, 6, 8, 3}, []int{4, 4, 3, 2}, ConvOptions{Stride: []int{2}, Padding: []int{1}}},
		{[]int{2, 7, 6, 2}, []int{3, 2, 2, 2}, ConvOptions{Stride: []int{3, 1}, Padding: []int{1, 0}, Dilation: []int{1, 2}}},
		{[]int{2, 5, 5, 4}, []int{3, 3, 1, 4}, ConvOptions{Padding: []int{1}, Groups: 4}},
		{[]int{1, 3, 4, 4, 2}, []int{2, 1, 3, 2, 2}, ConvOptions{Stride: []int{1, 2, 2}, Padding: []int{0, 0, 1}}},
		{[]int{2, 6, 6, 2}, []int{2, 2, 2, 1}, ConvOptions{Stride: []int{2}}},
		{[]int{2, 4, 5, 2}, []int{2, 3, 2, 2}, ConvOptions{Stride: []int{2}, Padding: []int{1, 0}}}, // XLA ends the process without inputGrad's care
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for i, c := range cases {
			t.Run(fmt.Sprintf("%v %v %v", c.x, c.kernel, c.o), func(t *testing.T) {
				if backend.Name(b) != "go" && i%3 != 0 {
					t.Skip("XLA compiles each for a second: every third one is enough")
				}
				checkDerivatives(t, b, func(in []*graph.Node) *graph.Node { return Convolve(in[0], in[1], c.o) }, c.x, c.kernel)
				y := slices.Clone(c.x)
				y[1], y[len(y)-1] = max(y[1], 2), c.kernel[len(c.kernel)-1]
				checkDerivatives(t, b, func(in []*graph.Node) *graph.Node { return ConvTranspose(in[0], in[1], c.o) }, y, c.kernel)
			})
		}
	})
}
