package nnspec

import (
	"fmt"

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
		PosWeight floats `json:"pos_weight"`
		reduction
	}
	add("torch.nn.BCELoss", reduction{}, func(a reduction) (Case, error) {
		return lossOf(func(x, t *graph.Node) *graph.Node { return nn.BCELoss{Reduction: a.Reduction}.Of(x, t, nil) }), nil
	})
	add("torch.nn.BCEWithLogitsLoss", bceArgs{}, func(a bceArgs) (Case, error) {
		return lossOf(func(x, t *graph.Node) *graph.Node {
			return nn.BCEWithLogitsLoss{PosWeight: a.PosWeight, Reduction: a.Reduction}.Of(x, t, nil)
		}), nil
	})
	type nllArgs struct {
		Weight floats `json:"weight"`
		Ignore *int   `json:"ignore_index"`
		reduction
	}
	add("torch.nn.NLLLoss", nllArgs{}, func(a nllArgs) (Case, error) {
		return lossOf(func(x, t *graph.Node) *graph.Node {
			return nn.NLLLoss{Weight: a.Weight, IgnoreIndex: a.Ignore, Reduction: a.Reduction}.Of(toLast(x), t)
		}), nil
	})
	type crossArgs struct {
		nllArgs
		Smoothing float64 `json:"label_smoothing"`
	}
	add("torch.nn.CrossEntropyLoss", crossArgs{}, func(a crossArgs) (Case, error) {
		return lossOf(func(x, t *graph.Node) *graph.Node {
			if t.DType().IsFloat() {
				t = toLast(t)
			}
			return nn.CrossEntropyLoss{Weight: a.Weight, IgnoreIndex: a.Ignore, Smoothing: a.Smoothing, Reduction: a.Reduction}.Of(toLast(x), t)
		}), nil
	})
	type tripletArgs struct {
		Margin float64 `json:"margin"`
		P      float64 `json:"p"`
		Swap   bool    `json:"swap"`
		reduction
	}
	add("torch.nn.TripletMarginLoss", tripletArgs{Margin: 1, P: 2}, func(a tripletArgs) (Case, error) {
		if a.P != 2 {
			return Case{}, fmt.Errorf("p is %g: it must be 2", a.P)
		}
		return function([]string{"anchor", "positive", "negative"}, func(in []*graph.Node) *graph.Node {
			return nn.TripletMarginLoss{Margin: a.Margin, Swap: a.Swap, Reduction: a.Reduction}.Of(in[0], in[1], in[2])
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
