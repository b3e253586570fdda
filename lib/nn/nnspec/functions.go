package nnspec

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

type resizeArgs struct {
	Size      ints   `json:"size"`
	Scale     floats `json:"scale_factor"`
	Mode      string `json:"mode"`
	Corners   bool   `json:"align_corners"`
	Recompute bool   `json:"recompute_scale_factor"`
}

func (a resizeArgs) options() nn.InterpolateOptions {
	return nn.InterpolateOptions{Size: a.Size, Scale: a.Scale, Mode: a.Mode, AlignCorners: a.Corners, RecomputeScale: a.Recompute}
}

func init() {
	add("torch.nn.Upsample", resizeArgs{Mode: "nearest"}, func(a resizeArgs) (Case, error) { return images(nn.Upsample{InterpolateOptions: a.options()}), nil })
	type interpolateArgs struct {
		resizeArgs
		Antialias bool `json:"antialias"`
	}
	add("torch.nn.functional.interpolate", interpolateArgs{resizeArgs: resizeArgs{Mode: "nearest"}}, func(a interpolateArgs) (Case, error) {
		return function([]string{"input"}, func(in []*graph.Node) *graph.Node {
			o := a.options()
			o.Antialias = a.Antialias
			return toFirst(nn.Interpolate(toLast(in[0]), o))
		}), nil
	})
	type sampleArgs struct {
		Mode    string `json:"mode"`
		Padding string `json:"padding_mode"`
		Corners bool   `json:"align_corners"`
	}
	add("torch.nn.functional.grid_sample", sampleArgs{Mode: "bilinear", Padding: "zeros"}, func(a sampleArgs) (Case, error) {
		return function([]string{"input", "grid"}, func(in []*graph.Node) *graph.Node {
			return toFirst(nn.GridSample(toLast(in[0]), in[1], nn.SampleOptions{Mode: a.Mode, Padding: a.Padding, AlignCorners: a.Corners}))
		}), nil
	})
	type gridArgs struct {
		Size    ints `json:"size"`
		Corners bool `json:"align_corners"`
	}
	add("torch.nn.functional.affine_grid", gridArgs{}, func(a gridArgs) (Case, error) {
		if len(a.Size) < 4 {
			return Case{}, fmt.Errorf("size is %v: it must be that of the output, batch and channels included", a.Size)
		}
		return function([]string{"theta"}, func(in []*graph.Node) *graph.Node { return nn.AffineGrid(in[0], a.Size[2:], a.Corners) }), nil
	})
	type normalizeArgs struct {
		P   float64 `json:"p"`
		Dim int     `json:"dim"`
		Eps float64 `json:"eps"`
	}
	add("torch.nn.functional.normalize", normalizeArgs{2, 1, 1e-12}, func(a normalizeArgs) (Case, error) {
		return function([]string{"input"}, func(in []*graph.Node) *graph.Node { return nn.Normalize(in[0], a.P, a.Dim, a.Eps) }), nil
	})
	type padArgs struct {
		Pad   ints       `json:"pad"`
		Mode  nn.PadMode `json:"mode"`
		Value float64    `json:"value"`
	}
	add("torch.nn.functional.pad", padArgs{Mode: nn.PadZero}, func(a padArgs) (Case, error) {
		if len(a.Pad)%2 != 0 {
			return Case{}, fmt.Errorf("pad is %v: it must be two numbers for each axis", a.Pad)
		}
		return function([]string{"input"}, func(in []*graph.Node) *graph.Node {
			rank := in[0].Rank()
			before, after := make([]int, rank), make([]int, rank)
			for i := 0; i < len(a.Pad) && i/2 < rank; i += 2 { // the last axis comes first
				before[rank-1-i/2], after[rank-1-i/2] = a.Pad[i], a.Pad[i+1]
			}
			if a.Mode == nn.PadZero {
				return nn.PadConstant(in[0], a.Value, before, after)
			}
			return nn.Pad(in[0], a.Mode, before, after)
		}), nil
	})
	type topArgs struct {
		K       int  `json:"k"`
		Dim     int  `json:"dim"`
		Largest bool `json:"largest"`
		Sorted  bool `json:"sorted"` // changes nothing: they are sorted
	}
	add("torch.topk", topArgs{Dim: -1, Largest: true, Sorted: true}, func(a topArgs) (Case, error) {
		if !a.Largest {
			return Case{}, errors.New("largest is false: it must be true")
		}
		return Case{Inputs: []string{"input"}, Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			axis := graph.MustAdjustAxis(a.Dim, in[0])
			last := swapLast(in[0], axis)
			rows := last.Shape().Dimensions[:last.Rank()-1]
			values, places := nn.TopK(graph.Reshape(last, -1, last.Shape().Dim(-1)), a.K)
			back := func(x *graph.Node) *graph.Node {
				return swapLast(graph.Reshape(x, append(slices.Clone(rows), a.K)...), axis)
			}
			return map[string]*graph.Node{"values": back(values), "indices": graph.ConvertDType(back(places), dtypes.Int64)}
		}}, nil
	})
	type gumbelArgs struct {
		Tau  float64 `json:"tau"`
		Hard bool    `json:"hard"`
		Dim  int     `json:"dim"`
	}
	add("genlab.gumbel_softmax", gumbelArgs{Tau: 1, Dim: -1}, func(a gumbelArgs) (Case, error) {
		return function([]string{"logits", "gumbels"}, func(in []*graph.Node) *graph.Node {
			return nn.GumbelSoftmax(in[0], in[1], a.Tau, a.Hard, a.Dim)
		}), nil
	})
}

// swapLast changes an axis with the last.
func swapLast(x *graph.Node, axis int) *graph.Node {
	order := make([]int, x.Rank())
	for i := range order {
		order[i] = i
	}
	order[axis], order[len(order)-1] = len(order)-1, axis
	return graph.TransposeAllAxes(x, order...)
}
