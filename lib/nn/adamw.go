package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// AdamW is PyTorch's torch.optim.AdamW: Adam, with weights that shrink by rate·Decay a step, whatever their gradient's size
// (Loshchilov & Hutter, "Decoupled weight decay regularization", 2017, algorithm 2).
type AdamW struct {
	Adam
	Decay float64
	// Decays says which parameters shrink; nil is all of them.
	Decays func(*Param) bool
}

// Update moves params by one step along their gradients. The state is [Adam]'s.
func (a AdamW) Update(s *model.Scope, params []*Param, gradients []*graph.Node) {
	a.update(s, params, gradients, func(p *Param) float64 {
		if a.Decays != nil && !a.Decays(p) {
			return 0
		}
		return a.Decay
	})
}

// Matrices is for [AdamW.Decays]: weights and embeddings, but no biases and no scales of norms, as GPT-2's trainings have it.
func Matrices(p *Param) bool { return len(p.Shape) >= 2 }

// ClipGlobalNorm scales gradients down so that their norm, all taken together, is at most limit (Pascanu, Mikolov & Bengio, "On the
// difficulty of training recurrent neural networks", 2013, algorithm 1), as torch.nn.utils.clip_grad_norm_ does. It returns the norm
// before that, too.
func ClipGlobalNorm(gradients []*graph.Node, limit float64) (clipped []*graph.Node, norm *graph.Node) {
	if len(gradients) == 0 {
		panic(errorf("there are no gradients to clip"))
	}
	var sum *graph.Node
	for _, grad := range gradients {
		square := graph.ReduceAllSum(graph.Square(grad))
		if sum == nil {
			sum = square
		} else {
			sum = graph.Add(sum, square)
		}
	}
	norm = graph.Sqrt(sum)
	scale := graph.MinScalar(graph.Div(scalar(norm, limit), graph.AddScalar(norm, 1e-6)), 1)
	clipped = make([]*graph.Node, len(gradients))
	for i, grad := range gradients {
		clipped[i] = graph.Mul(grad, scale)
	}
	return clipped, norm
}
