package models

import (
	"genlab/lib/nn/nnspec"
	"genlab/lib/spec"
)

// Layers declares the layers, losses and functions of lib/nn under PyTorch's names, such as torch.nn.Conv2d, for `genlab forward` alone.
func Layers() *spec.Model {
	m := &spec.Model{ID: "torch.nn"}
	for _, id := range nnspec.IDs() {
		m.Nets = append(m.Nets, spec.Net{ID: id, Open: func(c spec.Config) (*spec.Pass, error) {
			layer, err := nnspec.Open(id, []byte(c[len(c)-1]))
			if err != nil {
				return nil, err
			}
			pass := &spec.Pass{Net: layer.Net, Forward: layer.Forward}
			for i, name := range layer.Inputs {
				pass.Inputs = append(pass.Inputs, spec.Input{Name: name, Optional: i >= layer.Required})
			}
			return pass, nil
		}})
	}
	return m
}
