package nn_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

// stacks is what testdata/make_transformer.py made.
type stacks struct {
	Encoder *nn.TransformerEncoder `nn:"encoder"`
	Decoder *nn.TransformerDecoder `nn:"decoder"`
}

func (*stacks) String() string { return "ModuleDict" }

func newStacks() *stacks {
	c := nn.TransformerConfig{Embed: 12, Heads: 3, Inner: 10, Activate: nn.GELU{}, NormFirst: true}
	encoder := nn.NewTransformerEncoder(c, 2)
	c.Activate, c.NormFirst = nn.ReLU{}, false
	decoder := nn.NewTransformerDecoder(c, 2)
	encoder.Norm, decoder.Norm = nil, nil
	return nn.Name(&stacks{encoder, decoder})
}

func TestTransformerLayers(t *testing.T) {
	c := torchtest.Read(t, "testdata/transformer")
	net := newStacks()
	params := nn.Trained(net)
	names := []string{"memory", "out", "grad.src"}
	for _, p := range params {
		names = append(names, "grad."+p.Path())
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		store := model.NewStore()
		if err := torch.Load(store.RootScope(), net, c.Weights, false); err != nil {
			t.Fatal(err)
		}
		got, err := model.CallOnceN(b, store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			src, tgt, real := in[0], in[1], nn.KeyMask(graph.LogicalNot(in[2]))
			memory, _ := net.Encoder.Forward(s, src, real)
			out, _, _ := net.Decoder.Forward(s, tgt, memory, nn.Causal(tgt.Graph(), tgt.Shape().Dim(1)), real)
			loss := graph.Add(graph.ReduceAllSum(graph.Sin(memory)), graph.ReduceAllSum(graph.Sin(out)))
			grads := nn.Gradients(s, loss, params)
			return append([]*graph.Node{memory, out, graph.Gradient(loss, src)[0]}, grads...)
		}, c.Input(t, "src"), c.Input(t, "tgt"), c.Input(t, "padding"))
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			c.Check(t, name, got[i])
		}
	})
}

func TestTransformerPrint(t *testing.T) {
	want, err := os.ReadFile("testdata/transformer/printed.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := torch.Sprint(newStacks()) + "\n"
	// torch 2.9.1, which made the file, doesn't tell whether a LayerNorm has a bias; later versions do.
	if got = strings.ReplaceAll(got, "elementwise_affine=True, bias=True", "elementwise_affine=True"); got != string(want) {
		t.Errorf("genlab prints\n%s\nPyTorch\n%s", got, want)
	}
}
