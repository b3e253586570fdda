package dcgan

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Files have tensors as PyTorch lays them out, pictures channels-first. These take and give them so.

// ForwardFile is Forward for z: [batch, nz, 1, 1] of a model without classes; the result: [batch, nc, size, size].
func (n *Generator) ForwardFile(s *model.Scope, z *graph.Node) *graph.Node {
	x := n.Forward(s, graph.Reshape(z, z.Shape().Dim(0), -1), nil)
	return graph.TransposeAllAxes(x, 0, 3, 1, 2)
}

// ForwardFile is Forward for x: [batch, nc, size, size] of a model without classes; the result: [batch, 1, 1, 1].
func (n *Discriminator) ForwardFile(s *model.Scope, x *graph.Node) *graph.Node {
	return graph.InsertAxes(n.Forward(s, channelsLast(x), nil), -1, -1, -1)
}

// RoundFromFile is a round for real: [batch, nc, size, size] and noise: [batch, nz, 1, 1].
func RoundFromFile(real, noise *graph.Node) Round {
	return Round{Real: channelsLast(real), Noise: graph.Reshape(noise, noise.Shape().Dim(0), -1)}
}

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }
