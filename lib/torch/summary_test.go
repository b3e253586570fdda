package torch

import (
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// Net is testdata/make.py's.
type Net struct {
	Main   nn.Sequential `nn:"main"`
	Out    *nn.Linear    `nn:"out"`
	RNN    *nn.Recurrent `nn:"rnn"`
	Blocks []*block      `nn:"blocks"`
}

func (n *Net) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	x = n.Main.Forward(s, x)
	x = n.Out.Forward(s, graph.Reshape(x, x.Shape().Dim(0), -1))
	state := nn.RecurrentState{H: graph.Zeros(x.Graph(), shapes.Make(dtypes.Float32, 1, x.Shape().Dim(0), 10))}
	_, last := n.RNN.Forward(s, graph.Reshape(x, -1, 5, 2), state, nil)
	x = graph.Squeeze(last.H, 0)
	for _, b := range n.Blocks {
		x = b.Drop.Forward(s, b.FC.Forward(s, x))
	}
	return x
}

func TestSummary(t *testing.T) {
	blk := func(n int) *block { return &block{nn.NewLinear(n, n, true), &nn.Dropout{P: 0.5}} }
	half := nn.ConvOptions{Stride: []int{2}, Padding: []int{1}}
	halfNoBias := half
	halfNoBias.NoBias = true
	net := nn.Name(&Net{
		Main:   nn.Sequential{nn.NewConv2d(3, 8, []int{4}, halfNoBias), nn.NewBatchNorm2d(8), nn.LeakyReLU{Slope: 0.2}, nn.NewConvTranspose2d(8, 3, []int{4}, half)},
		Out:    nn.NewLinear(192, 10, true),
		RNN:    nn.NewRecurrent(nn.RecurrentConfig{Input: 2, Hidden: 10, BatchFirst: true}),
		Blocks: []*block{blk(10), blk(10)},
	})
	b, err := backend.New("go")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Summarize(b, net, func(s *model.Scope, in []*graph.Node) { net.Forward(s, in[0]) }, shapes.Make(dtypes.Float32, 2, 8, 8, 3))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/summary.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := sum.String() + "\n"; got != string(want) {
		t.Errorf("\n%s\ntorchinfo has\n%s", got, want)
	}
	if sum.Params != nn.Count(net) {
		t.Errorf("%d parameters, nn.Count says %d", sum.Params, nn.Count(net))
	}
	if name := sum.Layers[2].Name; name != "main.0" {
		t.Errorf("the third line is named %q", name)
	}

	_, err = Summarize(b, net, func(s *model.Scope, in []*graph.Node) { net.Forward(s, in[0]) }, shapes.Make(dtypes.Float32, 2, 8, 8, 4))
	if err == nil || !strings.Contains(err.Error(), "main.0.weight") {
		t.Errorf("channels that don't fit: error %v", err)
	}

	net.Blocks[1].FC.Weight = net.Blocks[0].FC.Weight
	nn.Name(net)
	tied, err := Summarize(b, net, func(s *model.Scope, in []*graph.Node) { net.Forward(s, in[0]) }, shapes.Make(dtypes.Float32, 2, 8, 8, 3))
	if err != nil || tied.Params != sum.Params-100 || tied.MultAdds != sum.MultAdds {
		t.Errorf("with tied weights %d parameters of %d, %d multiply-adds of %d (%v)", tied.Params, sum.Params, tied.MultAdds, sum.MultAdds, err)
	}

	if _, err := Summarize(b, net, func(*model.Scope, []*graph.Node) {}); err == nil {
		t.Error("no error where no layer ran")
	}
}
