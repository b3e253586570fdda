package nnspec

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

func init() {
	type maxArgs struct {
		Kernel   ints `json:"kernel_size"`
		Stride   ints `json:"stride"`
		Padding  ints `json:"padding"`
		Dilation ints `json:"dilation"`
		Ceil     bool `json:"ceil_mode"`
	}
	type avgArgs struct {
		Kernel  ints `json:"kernel_size"`
		Stride  ints `json:"stride"`
		Padding ints `json:"padding"`
		Ceil    bool `json:"ceil_mode"`
		Include bool `json:"count_include_pad"`
		Divisor int  `json:"divisor_override"`
	}
	type sizeArgs struct {
		Size ints `json:"output_size"`
	}
	for axes := 1; axes <= 3; axes++ {
		add(fmt.Sprintf("torch.nn.MaxPool%dd", axes), maxArgs{}, func(a maxArgs) (Case, error) {
			o := nn.PoolOptions{Stride: a.Stride, Padding: a.Padding, Dilation: a.Dilation, CeilMode: a.Ceil}
			return images(&nn.MaxPool{Axes: axes, Kernel: a.Kernel, Options: o}), nil
		})
		add(fmt.Sprintf("torch.nn.AvgPool%dd", axes), avgArgs{Include: true}, func(a avgArgs) (Case, error) {
			o := nn.PoolOptions{Stride: a.Stride, Padding: a.Padding, CeilMode: a.Ceil, ExcludePadding: !a.Include, Divisor: a.Divisor}
			return images(&nn.AvgPool{Axes: axes, Kernel: a.Kernel, Options: o}), nil
		})
		for kind, most := range map[string]bool{"Avg": false, "Max": true} {
			add(fmt.Sprintf("torch.nn.Adaptive%sPool%dd", kind, axes), sizeArgs{}, func(a sizeArgs) (Case, error) {
				return images(&nn.AdaptivePool{Axes: axes, Max: most, Size: a.Size}), nil
			})
		}
	}

	type padArgs struct {
		Padding ints    `json:"padding"`
		Value   float64 `json:"value"`
	}
	for kind, mode := range map[string]nn.PadMode{
		"Zero": nn.PadZero, "Constant": nn.PadZero, "Reflection": nn.PadReflect, "Replication": nn.PadReplicate, "Circular": nn.PadCircular,
	} {
		for axes := 1; axes <= 3; axes++ {
			add(fmt.Sprintf("torch.nn.%sPad%dd", kind, axes), padArgs{}, func(a padArgs) (Case, error) {
				if len(a.Padding) == 1 {
					a.Padding = slices.Repeat(a.Padding, 2*axes)
				}
				if len(a.Padding) != 2*axes {
					return Case{}, fmt.Errorf("padding is %v: it must be one number, or %d", a.Padding, 2*axes)
				}
				p := nn.Padding{Mode: mode, Value: a.Value}
				for i := 2 * (axes - 1); i >= 0; i -= 2 { // the last axis comes first
					p.Before, p.After = append(p.Before, a.Padding[i]), append(p.After, a.Padding[i+1])
				}
				return images(p), nil
			})
		}
	}

	type factor struct {
		Up   int `json:"upscale_factor"`
		Down int `json:"downscale_factor"`
	}
	add("torch.nn.PixelShuffle", factor{}, func(a factor) (Case, error) { return images(nn.PixelShuffle{Factor: a.Up}), nil })
	add("torch.nn.PixelUnshuffle", factor{}, func(a factor) (Case, error) { return images(nn.PixelUnshuffle{Factor: a.Down}), nil })
	type groups struct {
		Groups int `json:"groups"`
	}
	add("torch.nn.ChannelShuffle", groups{}, func(a groups) (Case, error) { return images(nn.ChannelShuffle{Groups: a.Groups}), nil })
	add("torch.nn.Flatten", struct{}{}, func(struct{}) (Case, error) {
		return Case{Inputs: []string{"input"}, Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return output(nn.Flatten{}.Forward(s, toLast(in[0])))
		}}, nil
	})

	type foldArgs struct {
		Size     ints `json:"output_size"`
		Kernel   ints `json:"kernel_size"`
		Dilation ints `json:"dilation"`
		Padding  ints `json:"padding"`
		Stride   ints `json:"stride"`
	}
	add("torch.nn.Fold", foldArgs{}, func(a foldArgs) (Case, error) {
		return images(nn.FoldLayer{Size: a.Size, Kernel: a.Kernel, Stride: a.Stride, Padding: a.Padding, Dilation: a.Dilation}), nil
	})
	type unfoldArgs struct {
		Kernel   ints `json:"kernel_size"`
		Dilation ints `json:"dilation"`
		Padding  ints `json:"padding"`
		Stride   ints `json:"stride"`
	}
	add("torch.nn.Unfold", unfoldArgs{}, func(a unfoldArgs) (Case, error) {
		return images(nn.Unfold{Kernel: a.Kernel, Stride: a.Stride, Padding: a.Padding, Dilation: a.Dilation}), nil
	})
}
