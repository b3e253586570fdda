package spec

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/torch"
)

// Summarize counts a net, with the free sizes that its pass names.
func (p *Pass) Summarize(b compute.Backend) (*torch.Summary, error) {
	var given []shapes.Shape
	var places []int
	for i, in := range p.Inputs {
		if in.Optional {
			continue
		}
		dtype := dtypes.Float32
		if in.DType == torch.I64 {
			dtype = dtypes.Int64
		}
		dims := slices.Clone(in.Shape)
		for k, d := range dims {
			if d < 0 {
				dims[k] = max(p.Sizes[d], 1)
			}
		}
		given, places = append(given, shapes.Make(dtype, dims...)), append(places, i)
	}
	return torch.Summarize(b, p.Net, func(s *model.Scope, nodes []*graph.Node) {
		all := make([]*graph.Node, len(p.Inputs))
		for i, n := range nodes {
			all[places[i]] = n
		}
		p.Forward(s, all)
	}, given...)
}
