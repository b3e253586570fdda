package stylegan

import (
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// mappingConfig is a mapping network's, under NVIDIA's names.
type mappingConfig struct {
	Z  int `json:"z_dim"` // 0 for a discriminator's, which maps the class alone
	C  int `json:"c_dim"` // 0 is no classes
	W  int `json:"w_dim"`
	Ws int `json:"num_ws"` // as many copies of w
	mappingOptions
}

// mappingOptions are those that a generator hands on.
type mappingOptions struct {
	Layers     int     `json:"num_layers"`
	Multiplier float64 `json:"lr_multiplier"` // of the layers' learning rate
	Beta       float64 `json:"w_avg_beta"`
}

func (c mappingConfig) validate() error {
	for _, f := range []struct {
		name         string
		value, least int
	}{{"z_dim", c.Z, 0}, {"c_dim", c.C, 0}, {"w_dim", c.W, 1}, {"num_ws", c.Ws, 1}, {"num_layers", c.Layers, 1}} {
		if err := nn.CheckSize("stylegan", f.name, f.value, f.least, nn.MaxSize); err != nil {
			return err
		}
	}
	switch {
	case c.Z == 0 && c.C == 0:
		return fmt.Errorf("stylegan: z_dim is 0: it must be at least 1 where there are no classes")
	case !(c.Multiplier > 0):
		return fmt.Errorf("stylegan: lr_multiplier is %g: it must be positive", c.Multiplier)
	case !(c.Beta >= 0 && c.Beta <= 1):
		return fmt.Errorf("stylegan: w_avg_beta is %g: it must be 0 to 1", c.Beta)
	}
	return nil
}

// mapping makes of a latent z, and of a class, what the layers are styled by: w (Karras et al., "A style-based generator architecture for
// generative adversarial networks", 2019, section 2).
type mapping struct {
	Mean  *nn.Param // w_avg: [w], a running mean; nil in a discriminator
	Embed *dense    // nil without classes
	FC    []*dense

	mappingConfig
}

func newMapping(c mappingConfig) *mapping {
	m := &mapping{mappingConfig: c}
	in := c.Z
	if c.C > 0 {
		m.Embed = newDense(c.C, c.W, 1, 1, false)
		in += c.W
	}
	for range c.Layers {
		m.FC = append(m.FC, newDense(in, c.W, c.Multiplier, 1, true))
		in = c.W
	}
	if c.Z > 0 {
		m.Mean = &nn.Param{Shape: []int{c.W}, Buffer: true}
	}
	return m
}

// Children names the layers fc0, fc1, …
func (m *mapping) Children() []nn.Child {
	var list []nn.Child
	if m.Mean != nil {
		list = append(list, nn.Child{Name: "w_avg", Part: m.Mean})
	}
	if m.Embed != nil {
		list = append(list, nn.Child{Name: "embed", Part: m.Embed})
	}
	for i, l := range m.FC {
		list = append(list, nn.Child{Name: "fc" + strconv.Itoa(i), Part: l})
	}
	return list
}

// Forward maps z: [batch, z], nil in a discriminator, and c: [batch, classes], nil without classes, to w: [batch, w]. With renew it moves
// the running mean.
func (m *mapping) Forward(s *model.Scope, z, c *graph.Node, renew bool) *graph.Node {
	if (z == nil) != (m.Z == 0) || z != nil && (z.Rank() != 2 || z.Shape().Dim(1) != m.Z) {
		panic(fmt.Errorf("stylegan: the mapping takes z [batch, %d], was given %v", m.Z, z))
	}
	if (c == nil) != (m.C == 0) || c != nil && (c.Rank() != 2 || c.Shape().Dim(1) != m.C) {
		panic(fmt.Errorf("stylegan: the mapping takes classes [batch, %d], was given %v", m.C, c))
	}
	var parts []*graph.Node
	if z != nil {
		parts = append(parts, normalized(z))
	}
	if c != nil {
		parts = append(parts, normalized(m.Embed.Forward(s, c)))
	}
	x := graph.Concatenate(parts, 1)
	for _, l := range m.FC {
		x = l.Forward(s, x)
	}
	if renew && m.Mean != nil {
		running(s, m.Mean, graph.ReduceMean(x, 0), m.Beta)
	}
	return x
}

// Styles gives each layer its w: [batch, w] as [batch, num_ws, w].
func (m *mapping) Styles(s *model.Scope, w *graph.Node, t Truncation) *graph.Node {
	ws := graph.BroadcastToDims(graph.InsertAxes(w, 1), w.Shape().Dim(0), m.Ws, m.W)
	if t.Psi == nil {
		return ws
	}
	mean := graph.ExpandLeftToRank(m.Mean.Node(s, w.Graph()), 3)
	near := graph.Add(mean, graph.Mul(graph.Sub(ws, mean), t.Psi))
	if t.Cutoff <= 0 || t.Cutoff >= m.Ws {
		return near
	}
	return graph.Concatenate([]*graph.Node{
		graph.Slice(near, graph.AxisRange(), graph.AxisRange(0, t.Cutoff)), graph.Slice(ws, graph.AxisRange(), graph.AxisRange(t.Cutoff)),
	}, 1)
}

// Truncation draws w towards its mean: less variety, fewer failures.
type Truncation struct {
	Psi    *graph.Node // a scalar: 1 leaves w as it is, 0 takes the mean. Nil is 1
	Cutoff int         // of how many layers; 0 is all
}

// running moves a running mean, which keeps beta of itself, towards now, and gives it.
func running(s *model.Scope, p *nn.Param, now *graph.Node, beta float64) *graph.Node {
	now = graph.StopGradient(now)
	mean := graph.Add(now, graph.MulScalar(graph.Sub(p.Node(s, now.Graph()), now), beta))
	p.Set(s, mean)
	return mean
}
