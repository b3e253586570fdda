package models

import (
	"errors"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/metrics"
	"genlab/lib/spec"
	"genlab/lib/torch"
)

// Measures declares those of lib/metrics that are held against scikit-learn, for `genlab forward` alone.
func Measures() *spec.Model {
	return &spec.Model{ID: "metrics", Nets: []spec.Net{
		{ID: "metrics.roc", Open: openROC}, {ID: "metrics.pca", Open: openPCA}, {ID: "metrics.knn", Open: openKNN},
	}}
}

// noNet is what measures have in the place of a module: nothing to train.
type noNet struct{}

func openROC(given spec.Config) (*spec.Pass, error) {
	if err := given.Decode(&struct{}{}); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: &noNet{},
		Inputs: []spec.Input{
			{Name: "labels", DType: torch.I64, Shape: []int{spec.AnyBatch}, Below: 2}, {Name: "scores", DType: torch.F64, Shape: []int{spec.AnyBatch}},
		},
		Compute: func(in []*tensors.Tensor) (map[string]*tensors.Tensor, error) {
			labels := in[0].Value().([]int64)
			meant := make([]bool, len(labels))
			for i, l := range labels {
				meant[i] = l == 1
			}
			d, err := metrics.Detect(meant, in[1].Value().([]float64))
			if err != nil {
				return nil, err
			}
			return map[string]*tensors.Tensor{
				"roc_auc": tensors.FromValue(d.ROCAUC), "average_precision": tensors.FromValue(d.AveragePrecision),
			}, nil
		},
	}, nil
}

func openPCA(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Components int  `json:"n_components"`
		Whiten     bool `json:"whiten"`
	}{2, false}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: &noNet{},
		Inputs: []spec.Input{
			{Name: "x", DType: torch.F64, Shape: []int{spec.AnyBatch, spec.AnyWidth}}, {Name: "new", DType: torch.F64, Shape: []int{spec.AnyLength, spec.AnyWidth}},
		},
		Compute: func(in []*tensors.Tensor) (map[string]*tensors.Tensor, error) {
			x, fresh := in[0].Value().([][]float64), in[1].Value().([][]float64)
			p, err := metrics.NewPCA(x, c.Components)
			if err != nil {
				return nil, err
			}
			p.Whiten = c.Whiten
			z, err := p.Transform(x)
			if err != nil {
				return nil, err
			}
			zNew, err := p.Transform(fresh)
			if err != nil {
				return nil, err
			}
			back, err := p.Inverse(zNew)
			if err != nil {
				return nil, err
			}
			return map[string]*tensors.Tensor{
				"mean": tensors.FromValue(p.Mean), "components": tensors.FromValue(p.Components),
				"explained_variance": tensors.FromValue(p.ExplainedVariance), "explained_variance_ratio": tensors.FromValue(p.ExplainedRatio),
				"singular_values": tensors.FromValue(p.SingularValues), "transformed": tensors.FromValue(z),
				"transformed_new": tensors.FromValue(zNew), "inverse_new": tensors.FromValue(back),
			}, nil
		},
	}, nil
}

func openKNN(given spec.Config) (*spec.Pass, error) {
	c := struct {
		K int `json:"k"`
	}{5}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: &noNet{},
		Inputs: []spec.Input{
			{Name: "x", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyWidth}}, {Name: "y", DType: torch.I64, Shape: []int{spec.AnyBatch}},
			{Name: "query", DType: torch.F32, Shape: []int{spec.AnyLength, spec.AnyWidth}}, {Name: "query_y", DType: torch.I64, Shape: []int{spec.AnyLength}},
		},
		Compute: func(in []*tensors.Tensor) (map[string]*tensors.Tensor, error) {
			known, err := classes(in[1])
			if err != nil {
				return nil, err
			}
			right, err := classes(in[3])
			if err != nil {
				return nil, err
			}
			told, err := metrics.Neighbours(in[0].Value().([][]float32), known, in[2].Value().([][]float32), c.K)
			if err != nil {
				return nil, err
			}
			accuracy, err := metrics.Accuracy(told, right)
			if err != nil {
				return nil, err
			}
			predicted := make([]int64, len(told))
			for i, t := range told {
				predicted[i] = int64(t)
			}
			return map[string]*tensors.Tensor{"predicted": tensors.FromValue(predicted), "accuracy": tensors.FromValue(accuracy)}, nil
		},
	}, nil
}

// classes are a tensor's integers.
func classes(t *tensors.Tensor) ([]int, error) {
	var list []int
	for _, v := range t.Value().([]int64) {
		if v < 0 || v > 1<<20 {
			return nil, errors.New("--inputs: a class must be 0 to 1048576")
		}
		list = append(list, int(v))
	}
	return list, nil
}
