package nn

import "github.com/gomlx/gomlx/core/graph"

// pass is one of the three functions of a convolution.
type pass int

const (
	passForward pass = iota
	passInput
	passKernel
)

func (c *conv) form(_ *graph.Graph, _ pass) convForm { return direct{} }
