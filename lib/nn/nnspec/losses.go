package nnspec

import (
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/nn"
)

// reduction is the argument that all losses have.
type reduction struct {
	Reduction nn.Reduction `json:"reduction"`
}

var inputTarget = []string{"input", "target"}

// lossOf is a loss of two tensors.
func lossOf(of func(input, target *graph.Node) *graph.Node) Case {
	return function(inputTarget, func(in []*graph.Node) *graph.Node { return of(in[0], in[1]) })
}

// buffers are the weights of losses, which PyTorch has in the state_dict; the config says them, too, and is what counts.
type buffers struct {
	Weight    *nn.Param `nn:"weight"`
	PosWeight *nn.Param `nn:"pos_weight"`
}

func buffersOf(weight, posWeight floats) *buffers {
	make := func(values floats) *nn.Param {
		if values == nil {
			return nil
		}
		return &nn.Param{Shape: []int{len(values)}, Buffer: true}
	}
	return &buffers{make(weight), make(posWeight)}
}

// along makes a weight for the last axis of x; nil where there is none.
func along(x *graph.Node, weight floats) *graph.Node {
	if weight == nil {
		return nil
	}
	return graph.BroadcastToShape(graph.ExpandLeftToRank(graph.ConvertDType(graph.Const(x.Graph(), []float64(weight)), x.DType()), x.Rank()), x.Shape())
}

func init() {
	add("torch.nn.MSELoss", reduction{}, func(a reduction) (Case, error) { return lossOf(nn.MSELoss{Reduction: a.Reduction}.Of), nil })
	add("torch.nn.L1Loss", reduction{}, func(a reduction) (Case, error) { return lossOf(nn.L1Loss{Reduction: a.Reduction}.Of), nil })
	type beta struct {
		Beta float64 `json:"beta"`
		reduction
	}
	add("torch.nn.SmoothL1Loss", beta{Beta: 1}, func(a beta) (Case, error) {
		if a.Beta == 0 {
			return lossOf(nn.L1Loss{Reduction: a.Reduction}.Of), nil
		}
		return lossOf(nn.SmoothL1Loss{Beta: a.Beta, Reduction: a.Reduction}.Of), nil
	})
	type delta struct {
		Delta float64 `json:"delta"`
		reduction
	}
	add("torch.nn.HuberLoss", delta{Delta: 1}, func(a delta) (Case, error) {
		return lossOf(nn.HuberLoss{Delta: a.Delta, Reduction: a.Reduction}.Of), nil
	})
	type klArgs struct {
		LogTarget bool `json:"log_target"`
		reduction
	}
	add("torch.nn.KLDivLoss", klArgs{}, func(a klArgs) (Case, error) {
		return lossOf(nn.KLDivLoss{LogTarget: a.LogTarget, Reduction: a.Reduction}.Of), nil
	})
	type poissonArgs struct {
		LogInput bool    `json:"log_input"`
		Full     bool    `json:"full"`
		Eps      float64 `json:"eps"`
		reduction
	}
	add("torch.nn.PoissonNLLLoss", poissonArgs{LogInput: true}, func(a poissonArgs) (Case, error) {
		c := lossOf(nn.PoissonNLLLoss{Rate: !a.LogInput, Full: a.Full, Eps: a.Eps, Reduction: a.Reduction}.Of)
		c.Inputs = []string{"log_input", "target"}
		return c, nil
	})
	type gaussianArgs struct {
		Full bool    `json:"full"`
		Eps  float64 `json:"eps"`
		reduction
	}
	add("torch.nn.GaussianNLLLoss", gaussianArgs{}, func(a gaussianArgs) (Case, error) {
		return function([]string{"input", "target", "var"}, func(in []*graph.Node) *graph.Node {
			return nn.GaussianNLLLoss{Full: a.Full, Eps: a.Eps, Reduction: a.Reduction}.Of(in[0], in[1], in[2])
		}), nil
	})
	type bceArgs struct {
		Weight floats `json:"weight"`
		reduction
	}
	add("torch.nn.BCELoss", bceArgs{}, func(a bceArgs) (Case, error) {
		c := lossOf(func(x, t *graph.Node) *graph.Node {
			return nn.BCELoss{Reduction: a.Reduction}.Of(x, t, along(x, a.Weight))
		})
		c.Net = buffersOf(a.Weight, nil)
		return c, nil
	})
	type logitsArgs struct {
		bceArgs
		PosWeight floats `json:"pos_weight"`
	}
	add("torch.nn.BCEWithLogitsLoss", logitsArgs{}, func(a logitsArgs) (Case, error) {
		c := lossOf(func(x, t *graph.Node) *graph.Node {
			return nn.BCEWithLogitsLoss{PosWeight: a.PosWeight, Reduction: a.Reduction}.Of(x, t, along(x, a.Weight))
		})
		c.Net = buffersOf(a.Weight, a.PosWeight)
		return c, nil
	})
	type nllArgs struct {
		Weight floats `json:"weight"`
		Ignore *int   `json:"ignore_index"`
		reduction
	}
	add("torch.nn.NLLLoss", nllArgs{}, func(a nllArgs) (Case, error) {
		c := lossOf(func(x, t *graph.Node) *graph.Node {
			return nn.NLLLoss{Weight: a.Weight, IgnoreIndex: a.Ignore, Reduction: a.Reduction}.Of(toLast(x), t)
		})
		c.Net = buffersOf(a.Weight, nil)
		return c, nil
	})
	type crossArgs struct {
		nllArgs
		Smoothing float64 `json:"label_smoothing"`
	}
	add("torch.nn.CrossEntropyLoss", crossArgs{}, func(a crossArgs) (Case, error) {
		c := lossOf(func(x, t *graph.Node) *graph.Node {
			if t.DType().IsFloat() {
				t = toLast(t)
			}
			return nn.CrossEntropyLoss{Weight: a.Weight, IgnoreIndex: a.Ignore, Smoothing: a.Smoothing, Reduction: a.Reduction}.Of(toLast(x), t)
		})
		c.Net = buffersOf(a.Weight, nil)
		return c, nil
	})
	type tripletArgs struct {
		Margin float64 `json:"margin"`
		P      float64 `json:"p"`
		Swap   bool    `json:"swap"`
		reduction
	}
	add("torch.nn.TripletMarginLoss", tripletArgs{Margin: 1, P: 2}, func(a tripletArgs) (Case, error) {
		return function([]string{"anchor", "positive", "negative"}, func(in []*graph.Node) *graph.Node {
			return nn.TripletMarginLoss{Margin: a.Margin, P: a.P, Swap: a.Swap, Reduction: a.Reduction}.Of(in[0], in[1], in[2])
		}), nil
	})
	type marginArgs struct {
		Margin float64 `json:"margin"`
		reduction
	}
	add("torch.nn.MarginRankingLoss", marginArgs{}, func(a marginArgs) (Case, error) {
		return function([]string{"input1", "input2", "target"}, func(in []*graph.Node) *graph.Node {
			return nn.MarginRankingLoss{Margin: a.Margin, Reduction: a.Reduction}.Of(in[0], in[1], in[2])
		}), nil
	})
	add("torch.nn.CosineEmbeddingLoss", marginArgs{}, func(a marginArgs) (Case, error) {
		return function([]string{"input1", "input2", "target"}, func(in []*graph.Node) *graph.Node {
			return nn.CosineEmbeddingLoss{Margin: a.Margin, Reduction: a.Reduction}.Of(in[0], in[1], in[2])
		}), nil
	})
	type cosineArgs struct {
		Dim int     `json:"dim"`
		Eps float64 `json:"eps"`
	}
	add("torch.nn.CosineSimilarity", cosineArgs{1, 1e-8}, func(a cosineArgs) (Case, error) {
		return function([]string{"x1", "x2"}, func(in []*graph.Node) *graph.Node {
			return nn.CosineSimilarity(in[0], in[1], a.Dim, a.Eps)
		}), nil
	})
}
