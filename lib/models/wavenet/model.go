// Package wavenet is the model of raw audio of van den Oord et al., "WaveNet: a generative model for raw audio", 2016: dilated causal
// convolutions with gates, residual and skip connections, and a softmax over the µ-law codes of the next sample. Parameters have the
// names of github.com/vincentherrmann/pytorch-wavenet.
package wavenet

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is the model, kind by kind; the i-th of each list belongs to layer i. The lists of conditions are nil where the model has none.
type Net struct {
	Start        *nn.Conv     `nn:"start_conv"`
	Filters      []*nn.Conv   `nn:"filter_convs"`
	Gates        []*nn.Conv   `nn:"gate_convs"`
	Residuals    []*nn.Conv   `nn:"residual_convs"`
	Skips        []*nn.Conv   `nn:"skip_convs"`
	FilterGlobal []*nn.Linear `nn:"filter_global"`
	GateGlobal   []*nn.Linear `nn:"gate_global"`
	FilterLocal  []*nn.Conv   `nn:"filter_local"`
	GateLocal    []*nn.Conv   `nn:"gate_local"`
	End1         *nn.Conv     `nn:"end_conv_1"`
	End2         *nn.Conv     `nn:"end_conv_2"`

	config Config
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	conv := func(in, out int, bias bool) *nn.Conv {
		return nn.NewConv1d(in, out, []int{1}, nn.ConvOptions{NoBias: !bias})
	}
	n := &Net{
		Start:  conv(c.Classes, c.Residual, c.Bias),
		End1:   conv(c.Skip, c.End, true),
		End2:   conv(c.End, c.Classes, true),
		config: c,
	}
	for _, d := range c.dilations() {
		dilated := func() *nn.Conv {
			return nn.NewConv1d(c.Residual, c.Dilation, []int{c.Kernel}, nn.ConvOptions{Dilation: []int{d}, Causal: true, NoBias: !c.Bias})
		}
		n.Filters, n.Gates = append(n.Filters, dilated()), append(n.Gates, dilated())
		n.Residuals = append(n.Residuals, conv(c.Dilation, c.Residual, c.Bias))
		n.Skips = append(n.Skips, conv(c.Dilation, c.Skip, c.Bias))
		if c.Global > 0 {
			n.FilterGlobal = append(n.FilterGlobal, nn.NewLinear(c.Global, c.Dilation, false))
			n.GateGlobal = append(n.GateGlobal, nn.NewLinear(c.Global, c.Dilation, false))
		}
		if c.Local > 0 {
			n.FilterLocal = append(n.FilterLocal, conv(c.Local, c.Dilation, false))
			n.GateLocal = append(n.GateLocal, conv(c.Local, c.Dilation, false))
		}
	}
	return nn.Name(n), nil
}

// String is the class's name in the PyTorch program that it is held against.
func (n *Net) String() string { return "WaveNet" }

// Condition is what the model is told besides the samples: Global [batch, global] of a whole recording, Local [batch, time, local] of
// each sample, both nil where it has none.
type Condition struct{ Global, Local *graph.Node }

// Forward gives the logits of the code after each. x: integers [batch, time], logits: [batch, time, classes]. Before the first sample
// there is silence: each dilated convolution takes zeros from there.
func (n *Net) Forward(s *model.Scope, x *graph.Node, given Condition) (logits *graph.Node) {
	if x.Rank() != 2 || !x.DType().IsInt() {
		panic(fmt.Errorf("wavenet: x is [batch, time] of integers, was given %s", x.Shape()))
	}
	h := n.start(s, x)
	conditions := n.conditions(s, given)
	var skips *graph.Node
	for i, d := range n.config.dilations() {
		taps := make([]*graph.Node, n.config.Kernel)
		for j := range taps {
			taps[j] = delayed(h, (n.config.Kernel-1-j)*d)
		}
		h, skips = n.layer(s, i, h, taps, conditions[i], skips)
	}
	return n.end(s, skips)
}

// start maps codes [batch, time] to [batch, time, residual]: the convolution of what would be ones among zeros.
func (n *Net) start(s *model.Scope, x *graph.Node) *graph.Node {
	table := graph.Squeeze(n.Start.Weight.Node(s, x.Graph()), 0)
	h := graph.Gather(table, graph.InsertAxes(x, -1))
	if n.Start.Bias != nil {
		h = graph.Add(h, graph.ExpandLeftToRank(n.Start.Bias.Node(s, x.Graph()), 3))
	}
	return nn.Observed(s, n.Start, h)
}

// layer is the i-th: a gated unit of the taps of its dilated convolutions (section 2.3), whose output is added to h for the next layer
// and to the skips (section 2.4). Whole recordings and single samples go through it alike.
// h and taps: [batch, time, residual], condition: [batch, time or 1, 2·dilation] or nil, skips: [batch, time, skip] or nil before the first.
func (n *Net) layer(s *model.Scope, i int, h *graph.Node, taps []*graph.Node, condition, skips *graph.Node) (next, sum *graph.Node) {
	// One product for filter and gate, one for residual and skip: large products are what a processor is quick at.
	both := product(s, graph.Concatenate(taps, -1), n.Filters[i], n.Gates[i])
	if condition != nil {
		both = graph.Add(both, graph.BroadcastToDims(condition, both.Shape().Dimensions...))
	}
	width := n.config.Dilation
	filter, gate := graph.SliceAxis(both, -1, graph.AxisRange(0, width)), graph.SliceAxis(both, -1, graph.AxisRange(width, 2*width))
	z := graph.Mul(graph.Tanh(filter), graph.Sigmoid(gate))
	if i == len(n.Residuals)-1 { // nothing hears the last layer's residual
		next, sum = h, product(s, z, n.Skips[i])
	} else {
		out := product(s, z, n.Residuals[i], n.Skips[i])
		next = graph.Add(h, graph.SliceAxis(out, -1, graph.AxisRange(0, n.config.Residual)))
		sum = graph.SliceAxis(out, -1, graph.AxisRange(n.config.Residual, n.config.Residual+n.config.Skip))
	}
	if skips != nil {
		sum = graph.Add(skips, sum)
	}
	return next, sum
}

// end maps the skips [batch, time, skip] to logits [batch, time, classes].
func (n *Net) end(s *model.Scope, skips *graph.Node) *graph.Node {
	relu := nn.ReLU{}
	return product(s, relu.Forward(s, product(s, relu.Forward(s, skips), n.End1)), n.End2)
}

// conditions are what each layer's filter and gate are told, [batch, time or 1, 2·dilation]; nil where the model has no condition.
func (n *Net) conditions(s *model.Scope, given Condition) []*graph.Node {
	if (given.Global != nil) != (n.config.Global > 0) || (given.Local != nil) != (n.config.Local > 0) {
		panic(fmt.Errorf("wavenet: a condition is given or missing: it must be as the model has it, %d global channels and %d local ones",
			n.config.Global, n.config.Local))
	}
	list := make([]*graph.Node, len(n.Filters))
	for i := range list {
		if given.Global != nil {
			both := graph.Concatenate([]*graph.Node{n.FilterGlobal[i].Forward(s, given.Global), n.GateGlobal[i].Forward(s, given.Global)}, -1)
			list[i] = graph.InsertAxes(both, 1)
		}
		if given.Local != nil {
			both := product(s, given.Local, n.FilterLocal[i], n.GateLocal[i])
			if list[i] != nil {
				both = graph.Add(both, graph.BroadcastToDims(list[i], both.Shape().Dimensions...))
			}
			list[i] = both
		}
	}
	return list
}

// delayed is x [batch, time, channels] some samples later, zeros before.
func delayed(x *graph.Node, by int) *graph.Node {
	if by == 0 {
		return x
	}
	time := x.Shape().Dim(1)
	by = min(by, time)
	zeros := graph.ZerosLike(graph.Slice(x, graph.AxisRange(), graph.AxisRange(0, by)))
	if by == time {
		return zeros
	}
	return graph.Concatenate([]*graph.Node{zeros, graph.Slice(x, graph.AxisRange(), graph.AxisRange(0, time-by))}, 1)
}

// product is several convolutions of one input at once, their outputs side by side. x: [batch, time, kernel·in], the taps of a kernel
// side by side.
func product(s *model.Scope, x *graph.Node, convs ...*nn.Conv) *graph.Node {
	g := x.Graph()
	var weights, biases []*graph.Node
	width := 0
	for _, c := range convs {
		weights = append(weights, graph.Reshape(c.Weight.Node(s, g), -1, c.Out))
		if c.Bias != nil {
			biases = append(biases, c.Bias.Node(s, g))
		}
		width += c.Out
	}
	dims := x.Shape().Dimensions
	y := graph.EinsumAxes(graph.Reshape(x, -1, dims[2]), join(weights, 1), [][2]int{{1, 0}}, nil)
	if len(biases) > 0 {
		y = graph.Add(y, graph.InsertAxes(join(biases, 0), 0))
	}
	return graph.Reshape(y, dims[0], dims[1], width)
}

func join(list []*graph.Node, axis int) *graph.Node {
	if len(list) == 1 {
		return list[0]
	}
	return graph.Concatenate(list, axis)
}

// Loss is the mean cross-entropy of each code after the first, in nats. A code that is negative stands for nothing, such as what fills a
// recording up to a window's length: it isn't counted. x: integers [batch, time].
func (n *Net) Loss(s *model.Scope, x *graph.Node, given Condition) *graph.Node {
	sum, count := n.total(s, x, given)
	return graph.Div(sum, count)
}

// total is the sum of the cross-entropies, and how many there are.
func (n *Net) total(s *model.Scope, x *graph.Node, given Condition) (sum, count *graph.Node) {
	logits := n.Forward(s, graph.Max(x, graph.ZerosLike(x)), given)
	time := x.Shape().Dim(1)
	if time < 2 {
		panic(fmt.Errorf("wavenet: x is %s: it must have at least 2 samples, for the first one isn't predicted", x.Shape()))
	}
	labels := graph.Slice(x, graph.AxisRange(), graph.AxisRange(1, time))
	logits = graph.Slice(logits, graph.AxisRange(), graph.AxisRange(0, time-1))
	known := graph.GreaterOrEqual(labels, graph.ZerosLike(labels))
	return graph.ReduceAllSum(nn.CrossEntropy(logits, labels)), graph.ReduceAllSum(graph.ConvertDType(known, logits.DType()))
}
