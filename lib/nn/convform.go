package nn

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// pass is one of the three functions of a convolution.
type pass int

const (
	passForward pass = iota
	passInput
	passKernel
)

// forceForm is set by tests and benchmarks.
var forceForm convForm

// form chooses how to compute a pass.
func (c *conv) form(_ *graph.Graph, _ pass) convForm {
	if forceForm != nil && c.fits(forceForm) {
		return forceForm
	}
	return direct{}
}

// fits says whether a form can compute this convolution.
func (c *conv) fits(f convForm) bool {
	switch f.(type) {
	case direct:
		return true
	case spaceToDepth:
		return c.groups == 1 && slices.Max(c.dilation) == 1
	default:
		return c.groups == 1 && slices.Max(c.stride) == 1
	}
}
