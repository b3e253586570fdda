// Package anomaly is a variational autoencoder of sensors in time: it learns windows of normal rows, and tells rows that don't look like
// them (An & Cho, "Variational autoencoder based anomaly detection using reconstruction probability", 2015). The likelihood is Gaussian with
// a variance for each sensor that is learnt, too (Rybkin, Daniilidis & Levine, "Simple and effective VAE training with calibrated
// decoders", 2021, section 3); missing values take no part in it. Scores look back only.
package anomaly

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is an encoder and a decoder of windows.
type Net struct {
	Encoder nn.Sequential `nn:"encoder"` // of a dense or a convolutional net
	Reader  *nn.Recurrent `nn:"reader"`  // of a recurrent one
	Mean    *nn.Linear    `nn:"fc_mean"`
	LogVar  *nn.Linear    `nn:"fc_logvar"`
	Start   *nn.Linear    `nn:"fc_decode"`
	Decoder nn.Sequential `nn:"decoder"`
	Writer  *nn.Recurrent `nn:"writer"`
	Out     *nn.Linear    `nn:"out"` // of each row that the writer gives

	Noise *nn.Param `nn:"noise"` // [sensors], see [Net.logVariance]

	c Config
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &Net{c: c, Noise: &nn.Param{Shape: []int{c.Sensors}, Init: nn.ConstInit(0)}}
	code := c.Hidden // the width of what the latent is read from and written to
	switch c.Net {
	case "dense":
		n.Encoder = nn.Sequential{nn.NewLinear(c.Window*c.Sensors, c.Hidden, true), nn.ReLU{}}
		n.Decoder = nn.Sequential{nn.ReLU{}, nn.NewLinear(c.Hidden, c.Window*c.Sensors, true)}
	case "conv":
		halve := nn.ConvOptions{Stride: []int{2}, Padding: []int{1}}
		n.Encoder = nn.Sequential{
			nn.NewConv1d(c.Sensors, c.Hidden, []int{4}, halve), nn.ReLU{}, nn.NewConv1d(c.Hidden, c.Hidden, []int{4}, halve), nn.ReLU{},
		}
		n.Decoder = nn.Sequential{
			nn.ReLU{}, nn.NewConvTranspose1d(c.Hidden, c.Hidden, []int{4}, halve), nn.ReLU{}, nn.NewConvTranspose1d(c.Hidden, c.Sensors, []int{4}, halve),
		}
		code = c.Hidden * c.Window / 4
	case "lstm":
		n.Reader = nn.NewRecurrent(nn.RecurrentConfig{Cell: nn.LSTMCell, Input: c.Sensors, Hidden: c.Hidden, BatchFirst: true})
		n.Writer = nn.NewRecurrent(nn.RecurrentConfig{Cell: nn.LSTMCell, Input: c.Hidden, Hidden: c.Hidden, BatchFirst: true})
		n.Out = nn.NewLinear(c.Hidden, c.Sensors, true)
	}
	n.Mean, n.LogVar = nn.NewLinear(code, c.Latent, true), nn.NewLinear(code, c.Latent, true)
	n.Start = nn.NewLinear(c.Latent, code, true)
	return nn.Name(n), nil
}

// String is the class's name in PyTorch.
func (n *Net) String() string { return "SensorVAE" }

// Encode gives the mean and the logarithm of the variance of q(z|x).
// x: [batch, window, sensors], 0 where a value is missing; mu and logvar: [batch, latent].
func (n *Net) Encode(s *model.Scope, x *graph.Node) (mu, logvar *graph.Node) {
	if x.Rank() != 3 || x.Shape().Dim(1) != n.c.Window || x.Shape().Dim(2) != n.c.Sensors {
		panic(fmt.Errorf("anomaly: takes windows [batch, %d, %d], was given %s", n.c.Window, n.c.Sensors, x.Shape()))
	}
	batch := x.Shape().Dim(0)
	var h *graph.Node
	switch n.c.Net {
	case "dense":
		h = n.Encoder.Forward(s, graph.Reshape(x, batch, -1))
	case "conv": // PyTorch flattens channels first
		h = graph.Reshape(graph.Transpose(n.Encoder.Forward(s, x), 1, 2), batch, -1)
	case "lstm":
		_, last := n.Reader.Forward(s, x, n.Reader.ZeroState(x.Graph(), batch), nil)
		h = graph.Squeeze(last.H, 0)
	}
	return n.Mean.Forward(s, h), n.LogVar.Forward(s, h)
}

// Decode gives the means of the windows. z: [batch, latent], windows: [batch, window, sensors].
func (n *Net) Decode(s *model.Scope, z *graph.Node) *graph.Node {
	batch, c := z.Shape().Dim(0), n.c
	h := n.Start.Forward(s, z)
	switch c.Net {
	case "conv":
		return n.Decoder.Forward(s, graph.Transpose(graph.Reshape(h, batch, c.Hidden, c.Window/4), 1, 2))
	case "lstm": // the same input at each step
		h = graph.BroadcastToDims(graph.InsertAxes(h, 1), batch, c.Window, c.Hidden)
		y, _ := n.Writer.Forward(s, h, n.Writer.ZeroState(z.Graph(), batch), nil)
		return n.Out.Forward(s, y)
	}
	return graph.Reshape(n.Decoder.Forward(s, h), batch, c.Window, c.Sensors)
}

// leastLogVariance keeps a sensor that is predicted without error from making the likelihood infinite (Rybkin et al., section 3).
const leastLogVariance = -6

// logVariance is that of each sensor's noise [sensors]: at least [leastLogVariance], softly.
func (n *Net) logVariance(s *model.Scope, g *graph.Graph) *graph.Node {
	return graph.AddScalar(nn.Softplus(graph.AddScalar(n.Noise.Node(s, g), -leastLogVariance)), leastLogVariance)
}

// logDensity is log p(x|z) of each value, in nats, 0 where the mask is 0.
// x, mask, mean: [..., window, sensors], logVariance: [sensors].
func logDensity(x, mask, mean, logVariance *graph.Node) *graph.Node {
	for range x.Rank() - 1 {
		logVariance = graph.InsertAxes(logVariance, 0)
	}
	logVariance = graph.BroadcastToDims(logVariance, x.Shape().Dimensions...)
	square := graph.Mul(graph.Square(graph.Sub(x, mean)), graph.Exp(graph.Neg(logVariance)))
	each := graph.MulScalar(graph.AddScalar(graph.Add(logVariance, square), math.Log(2*math.Pi)), -0.5)
	return graph.Mul(each, mask)
}
