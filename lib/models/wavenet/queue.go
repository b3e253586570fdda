package wavenet

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// A sample costs the same however many there were before: each layer keeps its last inputs in a queue, from which its dilated
// convolutions take their taps (Le Paine et al., "Fast Wavenet generation algorithm", 2016).

// queueLengths is how many inputs each layer keeps: those between the oldest tap and the newest, both included.
func (c Config) queueLengths() []int {
	list := c.dilations()
	for i, d := range list {
		list[i] = (c.Kernel-1)*d + 1
	}
	return list
}

// queues are those of all layers before the first sample: zeros [batch, length, residual].
func (n *Net) queues(g *graph.Graph, batch int) []*graph.Node {
	var list []*graph.Node
	for _, length := range n.config.queueLengths() {
		list = append(list, graph.Zeros(g, shapes.Make(dtypes.Float32, batch, length, n.config.Residual)))
	}
	return list
}

// next gives the logits after the code at one place. place: the code's number from the first (scalar, int32), x: [batch, 1], conditions:
// as those of [Net.conditions] with a time of 1, queues: those after the code before, logits: [batch, classes].
func (n *Net) next(s *model.Scope, place, x *graph.Node, conditions, queues []*graph.Node) (logits *graph.Node, after []*graph.Node) {
	h := n.start(s, x)
	after = make([]*graph.Node, len(queues))
	var skips *graph.Node
	for i, d := range n.config.dilations() {
		length := queues[i].Shape().Dim(1)
		now := func(ago int) *graph.Node { return graph.ModScalar(graph.AddScalar(place, length-ago), length) }
		after[i] = nn.PutAt(queues[i], h, now(0), 1)
		taps := make([]*graph.Node, n.config.Kernel)
		for j := range taps {
			if ago := (n.config.Kernel - 1 - j) * d; ago > 0 {
				taps[j] = nn.TakeAt(after[i], now(ago), 1)
			} else {
				taps[j] = h
			}
		}
		h, skips = n.layer(s, i, h, taps, conditions[i], skips)
	}
	return graph.Squeeze(n.end(s, skips), 1), after
}

// Incremental is [Net.Forward] sample by sample.
func (n *Net) Incremental(s *model.Scope, x *graph.Node, given Condition) (logits *graph.Node) {
	conditions := n.conditions(s, given)
	xs := []*graph.Node{graph.InsertAxes(graph.Transpose(x, 0, 1), -1)} // [time, batch, 1]
	if given.Local != nil {
		for _, c := range conditions {
			xs = append(xs, graph.InsertAxes(graph.Transpose(c, 0, 1), 2)) // [time, batch, 1, 2·dilation]
		}
	}
	_, ys := nn.Scan(nn.ScanConfig{Unroll: nn.UnrollNever, NoGradient: true}, n.queues(x.Graph(), x.Shape().Dim(0)), xs,
		func(place *graph.Node, queues, x []*graph.Node) (after, y []*graph.Node) {
			if given.Local != nil {
				conditions = x[1:]
			}
			logits, after := n.next(s, place, x[0], conditions, queues)
			return after, []*graph.Node{logits}
		})
	return graph.Transpose(ys[0], 0, 1)
}
