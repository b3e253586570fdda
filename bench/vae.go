package bench

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/vae"
)

func vaeStep() *Workload {
	c := vae.Default()
	return &Workload{
		Name:      "vae",
		About:     "the article's VAE, a training step; the noise comes with the data",
		Tolerance: 1e-4,
		Sizes:     Sizes{"batch": 128, "input": c.InputDim, "hidden": c.HiddenDim, "latent": c.LatentDim},
		Tiny:      Sizes{"batch": 8, "input": 30, "hidden": 12, "latent": 3},
		Growth:    map[string][]int{"batch": {32, 64, 128, 256, 512, 1024}, "hidden": {200, 400, 800, 1600, 3200}},
		open: func(z Sizes) (*Side, error) {
			net, err := vae.NewNet(vae.Config{InputDim: z["input"], HiddenDim: z["hidden"], LatentDim: z["latent"]})
			if err != nil {
				return nil, err
			}
			d := newDraw()
			return trainingSide("vae", net, 1e-3, []input{
				{"x", d.uniform(0, 1, z["batch"], z["input"])}, {"eps", d.normal(z["batch"], z["latent"])},
			}, func(s *model.Scope, in []*graph.Node) *graph.Node {
				bce, kl := net.Forward(s, in[0], in[1]).Loss(in[0])
				return graph.Add(bce, kl)
			})
		},
	}
}
