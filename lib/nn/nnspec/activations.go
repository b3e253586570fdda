package nnspec

import (
	"errors"

	"genlab/lib/nn"
)

// inplace changes nothing but a print.
type inplace struct {
	Inplace bool `json:"inplace"`
}

type dim struct {
	Dim *int `json:"dim"`
}

// alongDim is an activation along an axis, which PyTorch would guess where it isn't given.
func alongDim(id string, layer func(dim int) nn.Layer) {
	add(id, dim{}, func(a dim) (Case, error) {
		if a.Dim == nil {
			return Case{}, errors.New("dim isn't given: it must be an axis")
		}
		return plain(layer(*a.Dim)), nil
	})
}

func init() {
	for id, layer := range map[string]nn.Layer{
		"Hardsigmoid": nn.Hardsigmoid{}, "Hardswish": nn.Hardswish{}, "Mish": nn.Mish{}, "ReLU": nn.ReLU{}, "ReLU6": nn.ReLU6{}, "SELU": nn.SELU{}, "SiLU": nn.SiLU{},
	} {
		add("torch.nn."+id, inplace{}, func(inplace) (Case, error) { return plain(layer), nil })
	}
	for id, layer := range map[string]nn.Layer{
		"Identity": nn.Identity{}, "LogSigmoid": nn.LogSigmoid{}, "Sigmoid": nn.Sigmoid{}, "Softsign": nn.Softsign{}, "Tanh": nn.Tanh{}, "Tanhshrink": nn.Tanhshrink{},
	} {
		add("torch.nn."+id, struct{}{}, func(struct{}) (Case, error) { return plain(layer), nil })
	}
	type alpha struct {
		Alpha float64 `json:"alpha"`
		inplace
	}
	add("torch.nn.ELU", alpha{Alpha: 1}, func(a alpha) (Case, error) { return plain(nn.ELU{Alpha: a.Alpha}), nil })
	add("torch.nn.CELU", alpha{Alpha: 1}, func(a alpha) (Case, error) { return plain(nn.CELU{Alpha: a.Alpha}), nil })
	type slope struct {
		Slope float64 `json:"negative_slope"`
		inplace
	}
	add("torch.nn.LeakyReLU", slope{Slope: 0.01}, func(a slope) (Case, error) { return plain(nn.LeakyReLU{Slope: a.Slope}), nil })
	type bounds struct {
		Min float64 `json:"min_val"`
		Max float64 `json:"max_val"`
		inplace
	}
	add("torch.nn.Hardtanh", bounds{Min: -1, Max: 1}, func(a bounds) (Case, error) { return plain(nn.Hardtanh{Min: a.Min, Max: a.Max}), nil })
	type lambda struct {
		Lambda float64 `json:"lambd"`
	}
	add("torch.nn.Hardshrink", lambda{0.5}, func(a lambda) (Case, error) { return plain(nn.Hardshrink{Lambda: a.Lambda}), nil })
	add("torch.nn.Softshrink", lambda{0.5}, func(a lambda) (Case, error) { return plain(nn.Softshrink{Lambda: a.Lambda}), nil })
	type threshold struct {
		At    float64 `json:"threshold"`
		Value float64 `json:"value"`
		inplace
	}
	add("torch.nn.Threshold", threshold{}, func(a threshold) (Case, error) { return plain(nn.Threshold{At: a.At, Value: a.Value}), nil })
	type gelu struct {
		Approximate string `json:"approximate"`
	}
	add("torch.nn.GELU", gelu{"none"}, func(a gelu) (Case, error) {
		if a.Approximate != "none" && a.Approximate != "tanh" {
			return Case{}, errors.New("approximate is " + a.Approximate + ": it must be none or tanh")
		}
		return plain(nn.GELU{Tanh: a.Approximate == "tanh"}), nil
	})
	type softplus struct {
		Beta      float64 `json:"beta"`
		Threshold float64 `json:"threshold"`
	}
	add("torch.nn.Softplus", softplus{1, 20}, func(a softplus) (Case, error) {
		return plain(nn.SoftplusLayer{Beta: a.Beta, Threshold: a.Threshold}), nil
	})
	type prelu struct {
		Count int     `json:"num_parameters"`
		Init  float64 `json:"init"`
	}
	add("torch.nn.PReLU", prelu{1, 0.25}, func(a prelu) (Case, error) {
		l := nn.NewPReLU(a.Count)
		l.Weight.Init = nn.ConstInit(a.Init)
		return images(l), nil
	})
	type glu struct {
		Dim int `json:"dim"`
	}
	add("torch.nn.GLU", glu{-1}, func(a glu) (Case, error) { return plain(nn.GLU{Dim: a.Dim}), nil })
	alongDim("torch.nn.Softmax", func(d int) nn.Layer { return nn.Softmax{Dim: d} })
	alongDim("torch.nn.Softmin", func(d int) nn.Layer { return nn.Softmin{Dim: d} })
	alongDim("torch.nn.LogSoftmax", func(d int) nn.Layer { return nn.LogSoftmax{Dim: d} })
}
