package nnspec

import (
	"fmt"

	"genlab/lib/nn"
)

func init() {
	type trackedArgs struct {
		Features int     `json:"num_features"`
		Eps      float64 `json:"eps"`
		Momentum maybe   `json:"momentum"`
		Affine   bool    `json:"affine"`
		Track    bool    `json:"track_running_stats"`
	}
	batch := trackedArgs{Eps: 1e-5, Momentum: maybe{value: 0.1}, Affine: true, Track: true}
	for i, make := range []func(int) *nn.BatchNorm{nn.NewBatchNorm1d, nn.NewBatchNorm2d, nn.NewBatchNorm3d} {
		add(fmt.Sprintf("torch.nn.BatchNorm%dd", i+1), batch, func(a trackedArgs) (Case, error) {
			l := make(a.Features)
			l.Eps, l.Momentum, l.Cumulative = a.Eps, a.Momentum.value, a.Momentum.none
			if !a.Affine {
				l.WithoutAffine()
			}
			if !a.Track {
				l.WithoutStats()
			}
			return images(l), nil
		})
	}
	instance := trackedArgs{Eps: 1e-5, Momentum: maybe{value: 0.1}}
	for i, make := range []func(int) *nn.InstanceNorm{nn.NewInstanceNorm1d, nn.NewInstanceNorm2d, nn.NewInstanceNorm3d} {
		add(fmt.Sprintf("torch.nn.InstanceNorm%dd", i+1), instance, func(a trackedArgs) (Case, error) {
			l := make(a.Features)
			l.Eps, l.Momentum = a.Eps, a.Momentum.value // None leaves the statistics alone, in PyTorch too
			if a.Momentum.none {
				l.Momentum = 0
			}
			if a.Affine {
				l.WithAffine()
			}
			if a.Track {
				l.WithStats()
			}
			return images(l), nil
		})
	}
	type groupArgs struct {
		Groups   int     `json:"num_groups"`
		Channels int     `json:"num_channels"`
		Eps      float64 `json:"eps"`
		Affine   bool    `json:"affine"`
	}
	add("torch.nn.GroupNorm", groupArgs{Eps: 1e-5, Affine: true}, func(a groupArgs) (Case, error) {
		l := nn.NewGroupNorm(a.Groups, a.Channels)
		l.Eps = a.Eps
		if !a.Affine {
			l.WithoutAffine()
		}
		return images(l), nil
	})
	type layerArgs struct {
		Shape  ints    `json:"normalized_shape"`
		Eps    float64 `json:"eps"`
		Affine bool    `json:"elementwise_affine"`
		Bias   bool    `json:"bias"`
	}
	add("torch.nn.LayerNorm", layerArgs{Eps: 1e-5, Affine: true, Bias: true}, func(a layerArgs) (Case, error) {
		l := nn.NewLayerNormOver(a.Shape, a.Bias)
		l.Eps = a.Eps
		if !a.Affine {
			l.WithoutAffine()
		}
		return plain(l), nil
	})
	type rmsArgs struct {
		Shape  ints  `json:"normalized_shape"`
		Eps    maybe `json:"eps"`
		Affine bool  `json:"elementwise_affine"`
	}
	add("torch.nn.RMSNorm", rmsArgs{Eps: maybe{none: true}, Affine: true}, func(a rmsArgs) (Case, error) {
		l := nn.NewRMSNormOver(a.Shape, a.Eps.value)
		if !a.Affine {
			l.WithoutAffine()
		}
		return plain(l), nil
	})
	type responseArgs struct {
		Size  int     `json:"size"`
		Alpha float64 `json:"alpha"`
		Beta  float64 `json:"beta"`
		K     float64 `json:"k"`
	}
	add("torch.nn.LocalResponseNorm", responseArgs{Alpha: 1e-4, Beta: 0.75, K: 1}, func(a responseArgs) (Case, error) {
		return images(nn.LocalResponseNorm{Size: a.Size, Alpha: a.Alpha, Beta: a.Beta, K: a.K}), nil
	})
}
