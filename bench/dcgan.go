package bench

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/dcgan"
)

// dcganIteration is the article's at 64 pixels, and narrow at 32.
func dcganIteration(name string, size int) *Workload {
	w := &Workload{
		Name:  name,
		About: "the article's DCGAN, an iteration: both models' steps",
		// A GAN's numbers part quickly: PyTorch's own in single and in double precision do as far.
		Tolerance: 1e-2,
		Sizes:     Sizes{"batch": 64, "nz": 100, "ngf": 64, "ndf": 64, "nc": 3, "size": size},
		Tiny:      Sizes{"batch": 4, "nz": 6, "ngf": 4, "ndf": 4, "nc": 1, "size": 32},
		Growth:    map[string][]int{"batch": {8, 16, 32, 64}, "ngf": {8, 16, 32, 64}},
		open: func(z Sizes) (*Side, error) {
			c := dcgan.TrainConfig{Model: dcgan.Config{NZ: z["nz"], NGF: z["ngf"], NDF: z["ndf"], NC: z["nc"], ImageSize: z["size"]}}
			g, err := dcgan.NewGenerator(c.Model)
			if err != nil {
				return nil, err
			}
			d, err := dcgan.NewDiscriminator(c.Model)
			if err != nil {
				return nil, err
			}
			data := newDraw()
			return graphSide(name, []part{{dcgan.GeneratorScope, g}, {dcgan.DiscriminatorScope, d}}, []input{
				{"real", data.uniform(-1, 1, z["batch"], z["size"], z["size"], z["nc"])}, {"noise", data.normal(z["batch"], z["nz"])},
			}, func(s *model.Scope, in []*graph.Node) []*graph.Node {
				s.Store().SetTraining(in[0].Graph(), true)
				m := dcgan.Iterate(s, g, d, c, []dcgan.Round{{Real: in[0], Noise: in[1]}})
				return []*graph.Node{m.LossD, m.LossG}
			})
		},
	}
	if size == 32 {
		w.About += ", narrow, on grey pictures of 32 pixels"
		w.Sizes["ngf"], w.Sizes["ndf"], w.Sizes["nc"] = 32, 16, 1
		w.Growth = nil
	}
	return w
}
