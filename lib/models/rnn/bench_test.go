package rnn

import (
	"context"
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// BenchmarkArticle is a training step of the article's program, in both forms; `genlab bench rnn` is the one beside PyTorch's.
func BenchmarkArticle(b *testing.B) {
	for name, unroll := range map[string]nn.Unroll{"loop": nn.UnrollNever, "unrolled": nn.UnrollAlways} {
		b.Run(name, func(b *testing.B) {
			net, err := NewArticle(DefaultArticle())
			if err != nil {
				b.Fatal(err)
			}
			net.RNN.Unroll = unroll
			backend, err := backend.Open()
			if err != nil {
				b.Fatal(err)
			}
			run := nn.NewRunner("rnn", backend)
			if err := nn.Create(run.Store.RootScope(), net, 1); err != nil {
				b.Fatal(err)
			}
			x, labels := DefaultProgram().data()
			hidden := tensors.FromFlatDataAndDimensions(make([]float32, 100), 1, 5, 20)
			params, adam := nn.Trained(net), nn.NewAdam(1e-3)
			step := func() {
				out, err := run.Call(context.Background(), "train", func(s *model.Scope, in []*graph.Node) []*graph.Node {
					logits, _ := net.Forward(s, in[0], in[1])
					loss := ArticleLoss(logits, in[2])
					adam.Update(s, params, nn.Gradients(s, loss, params))
					return []*graph.Node{loss}
				}, x, hidden, labels)
				if err != nil {
					b.Fatal(err)
				}
				_ = tensors.ToScalar[float32](out[0])
			}
			step()
			for b.Loop() {
				step()
			}
		})
	}
}

// BenchmarkWrite is four chunks of characters of the default model, 256x1, and of other sizes; bench/pytorch/charlm.py gives PyTorch's rate.
func BenchmarkWrite(b *testing.B) {
	for _, size := range []struct{ hidden, layers int }{{64, 1}, {128, 1}, {128, 2}, {256, 1}, {256, 2}, {512, 1}} {
		b.Run(fmt.Sprintf("%dx%d", size.hidden, size.layers), func(b *testing.B) {
			c := Default()
			c.Hidden, c.Layers = size.hidden, size.layers
			for i := range 91 {
				c.Vocab += fmt.Sprintf("%c", '!'+i)
			}
			m, err := New(c, 1)
			if err != nil {
				b.Fatal(err)
			}
			write := func() {
				if _, err := m.Sample(context.Background(), SampleConfig{Length: 4 * chunk, Temperature: 1}); err != nil {
					b.Fatal(err)
				}
			}
			write()
			for b.Loop() {
				write()
			}
			b.ReportMetric(float64(b.N*4*chunk)/b.Elapsed().Seconds(), "characters/s")
		})
	}
}
