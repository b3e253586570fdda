package nnspec

import (
	"encoding/json"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

type linearArgs struct {
	In   int  `json:"in_features"`
	Out  int  `json:"out_features"`
	Bias bool `json:"bias"`
}

// normArgs are those of a weight's norm around a layer.
type normArgs struct {
	Layer  string          `json:"layer"`
	Kwargs json.RawMessage `json:"kwargs"`
	Dim    maybe           `json:"dim"`
	Steps  int             `json:"n_power_iterations"`
}

// normed opens the layer that a norm is for. weight is its weight.
func (a normArgs) normed() (l nn.Layer, weight *nn.Param, image bool, err error) {
	if make, ok := convs[a.Layer]; ok {
		c := defaultConv()
		if err := decode(a.Kwargs, &c); err != nil {
			return nil, nil, false, err
		}
		l, err := c.layer(make, nil)
		if err != nil {
			return nil, nil, false, err
		}
		return l, l.Weight, true, nil
	}
	if make, ok := transposedConvs[a.Layer]; ok {
		c := transposedArgs{convArgs: defaultConv()}
		if err := decode(a.Kwargs, &c); err != nil {
			return nil, nil, false, err
		}
		l, err := c.layer(make, func(o *nn.ConvOptions) { o.OutputPadding = c.OutputPadding })
		if err != nil {
			return nil, nil, false, err
		}
		return l, l.Weight, true, nil
	}
	if a.Layer == "Linear" {
		c := linearArgs{Bias: true}
		if err := decode(a.Kwargs, &c); err != nil {
			return nil, nil, false, err
		}
		l := nn.NewLinear(c.In, c.Out, c.Bias)
		return l, l.Weight, false, nil
	}
	return nil, nil, false, fmt.Errorf("layer is %q: it must be Linear, Conv1d to Conv3d or ConvTranspose1d to ConvTranspose3d", a.Layer)
}

func addNorm(id string, wrap func(a normArgs, weight *nn.Param)) {
	add(id, normArgs{Dim: maybe{value: -2}, Steps: 1}, func(a normArgs) (Case, error) {
		l, weight, image, err := a.normed()
		if err != nil {
			return Case{}, err
		}
		wrap(a, weight)
		if image {
			return images(l), nil
		}
		return plain(l), nil
	})
}

func init() {
	add("torch.nn.Linear", linearArgs{Bias: true}, func(a linearArgs) (Case, error) { return plain(nn.NewLinear(a.In, a.Out, a.Bias)), nil })
	type bilinearArgs struct {
		In1  int  `json:"in1_features"`
		In2  int  `json:"in2_features"`
		Out  int  `json:"out_features"`
		Bias bool `json:"bias"`
	}
	add("torch.nn.Bilinear", bilinearArgs{Bias: true}, func(a bilinearArgs) (Case, error) {
		l := nn.NewBilinear(a.In1, a.In2, a.Out, a.Bias)
		return Case{Net: l, Inputs: []string{"input1", "input2"}, Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return output(l.Forward(s, in[0], in[1]))
		}}, nil
	})
	type embeddingArgs struct {
		Num     int     `json:"num_embeddings"`
		Dim     int     `json:"embedding_dim"`
		Padding *int    `json:"padding_idx"`
		MaxNorm float64 `json:"max_norm"`
	}
	add("torch.nn.Embedding", embeddingArgs{}, func(a embeddingArgs) (Case, error) {
		l := nn.NewEmbedding(a.Num, a.Dim)
		l.MaxNorm = a.MaxNorm
		if a.Padding != nil {
			l.WithPadding(*a.Padding)
		}
		return plain(l), nil
	})
	for id, names := range map[string]nn.Names{"torch.nn.utils.parametrizations.": nn.Parametrized, "torch.nn.utils.": nn.OldParametric} {
		addNorm(id+"weight_norm", func(a normArgs, weight *nn.Param) {
			dim := int(a.Dim.value)
			switch {
			case a.Dim.none:
				dim = -1
			case dim == -2:
				dim = 0
			}
			nn.WeightNorm(weight, dim, names)
		})
		addNorm(id+"spectral_norm", func(a normArgs, weight *nn.Param) {
			dim := int(a.Dim.value)
			if a.Dim.none || dim == -2 {
				dim = 0
				if _, ok := transposedConvs[a.Layer]; ok {
					dim = 1
				}
			}
			nn.SpectralNorm(weight, dim, a.Steps, names)
		})
	}
}
