package nnspec

import (
	"encoding/json"
	"fmt"

	"genlab/lib/nn"
)

// convArgs are a convolution's.
type convArgs struct {
	In       int     `json:"in_channels"`
	Out      int     `json:"out_channels"`
	Kernel   ints    `json:"kernel_size"`
	Stride   ints    `json:"stride"`
	Padding  padding `json:"padding"`
	Dilation ints    `json:"dilation"`
	Groups   int     `json:"groups"`
	Bias     bool    `json:"bias"`
	PadMode  string  `json:"padding_mode"`
}

// transposedArgs are a transposed convolution's.
type transposedArgs struct {
	convArgs
	OutputPadding ints `json:"output_padding"`
}

// padding is numbers, or a word.
type padding struct {
	word  string
	sizes ints
}

// UnmarshalJSON reads either.
func (p *padding) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, &p.word)
	}
	return p.sizes.UnmarshalJSON(data)
}

func defaultConv() convArgs { return convArgs{Bias: true, PadMode: "zeros"} }

func (a convArgs) options() (nn.ConvOptions, error) {
	o := nn.ConvOptions{Stride: a.Stride, Padding: a.Padding.sizes, Dilation: a.Dilation, Groups: a.Groups, NoBias: !a.Bias}
	switch a.Padding.word {
	case "", "valid":
	case "same":
		o.Same = true
	default:
		return o, fmt.Errorf("padding is %q: it must be numbers, valid or same", a.Padding.word)
	}
	switch a.PadMode {
	case "zeros":
	case "reflect", "replicate", "circular":
		o.PadMode = nn.PadMode(a.PadMode)
	default:
		return o, fmt.Errorf("padding_mode is %q: it must be zeros, reflect, replicate or circular", a.PadMode)
	}
	return o, nil
}

type newConv func(in, out int, kernel []int, o nn.ConvOptions) *nn.Conv

var convs = map[string]newConv{"Conv1d": nn.NewConv1d, "Conv2d": nn.NewConv2d, "Conv3d": nn.NewConv3d}

var transposedConvs = map[string]newConv{
	"ConvTranspose1d": nn.NewConvTranspose1d, "ConvTranspose2d": nn.NewConvTranspose2d, "ConvTranspose3d": nn.NewConvTranspose3d,
}

func (a convArgs) layer(make newConv, change func(o *nn.ConvOptions)) (*nn.Conv, error) {
	o, err := a.options()
	if err != nil {
		return nil, err
	}
	if change != nil {
		change(&o)
	}
	return make(a.In, a.Out, a.Kernel, o), nil
}

func init() {
	for name, make := range convs {
		add("torch.nn."+name, defaultConv(), func(a convArgs) (Case, error) {
			l, err := a.layer(make, nil)
			return images(l), err
		})
	}
	for name, make := range transposedConvs {
		add("torch.nn."+name, transposedArgs{convArgs: defaultConv()}, func(a transposedArgs) (Case, error) {
			l, err := a.layer(make, func(o *nn.ConvOptions) { o.OutputPadding = a.OutputPadding })
			return images(l), err
		})
	}
	add("genlab.causal_conv1d", defaultConv(), func(a convArgs) (Case, error) {
		l, err := a.layer(nn.NewConv1d, func(o *nn.ConvOptions) { o.Causal = true })
		return images(l), err
	})
}
