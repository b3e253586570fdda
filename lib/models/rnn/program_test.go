package rnn

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// The article's program learns its random labels by heart, a little.
func TestProgram(t *testing.T) {
	var losses []float64
	p := DefaultProgram()
	p.Epochs = 30
	err := p.Run(context.Background(), func(epoch int, loss float64) {
		if losses = append(losses, loss); epoch != len(losses) {
			t.Errorf("epoch %d comes after %d", epoch, len(losses)-1)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(losses) != 30 || math.Abs(losses[0]-math.Log(10)) > 0.3 || losses[29] > losses[0]-0.05 {
		t.Errorf("losses %v", losses)
	}
}

// TestProgramCarriesState wants a step that is given no hidden state to go on from where the one before ended, first from zeros.
func TestProgramCarriesState(t *testing.T) {
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	p := DefaultProgram()
	p.Rate = 0 // the same weights in each step
	net, err := NewArticle(p.Model)
	if err != nil {
		t.Fatal(err)
	}
	run, step := nn.NewRunner("rnn", b), ProgramStep(net, p)
	if err := nn.Create(run.Store.RootScope(), net, p.Seed); err != nil {
		t.Fatal(err)
	}
	call := func(name string, graphOf func(s *model.Scope, in []*graph.Node) []*graph.Node, given ...any) []*tensors.Tensor {
		t.Helper()
		out, err := run.Call(t.Context(), name, graphOf, given...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	x, labels := p.data()
	var hidden any = tensors.FromFlatDataAndDimensions(make([]float32, p.Batch*p.Model.HiddenSize), 1, p.Batch, p.Model.HiddenSize)
	for i := range 3 {
		got := call("step", func(s *model.Scope, in []*graph.Node) []*graph.Node { return step(s, in).Metrics }, x, labels)
		want := call("forward", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			logits, last := net.Forward(s, in[0], in[2])
			return []*graph.Node{ArticleLoss(logits, in[1]), last}
		}, x, labels, hidden)
		if a, b := tensors.ToScalar[float32](got[0]), tensors.ToScalar[float32](want[0]); math.Abs(float64(a-b)) > 1e-6 {
			t.Errorf("step %d: loss %g, from the state handed on %g", i+1, a, b)
		}
		hidden = want[1]
	}
}

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
			step := ProgramStep(net, DefaultProgram())
			call := func() {
				out, err := run.Call(context.Background(), "train", func(s *model.Scope, in []*graph.Node) []*graph.Node {
					return step(s, in).Metrics
				}, x, labels, hidden)
				if err != nil {
					b.Fatal(err)
				}
				_ = tensors.ToScalar[float32](out[0])
			}
			call()
			for b.Loop() {
				call()
			}
		})
	}
}
