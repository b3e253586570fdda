package gpt

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// BenchmarkStep is the training step of the Opticks run: batch 12, 64 tokens, 91 characters.
func BenchmarkStep(b *testing.B) { benchmarkStep(b, Default(91), 12) }

// BenchmarkStepWide is twelve layers 768 wide, batch 4, 256 tokens, of a small vocabulary.
func BenchmarkStepWide(b *testing.B) {
	c := GPT2()
	c.VocabSize, c.Context, c.Dropout = 512, 256, 0
	benchmarkStep(b, c, 4)
}

func benchmarkStep(b *testing.B, c Config, batch int) {
	m, err := New(c, 1)
	if err != nil {
		b.Skip(err)
	}
	tokens := make([][]int32, batch)
	for i := range tokens {
		tokens[i] = make([]int32, c.Context)
		for j := range tokens[i] {
			tokens[i][j] = int32((7*i + 3*j*j) % c.VocabSize)
		}
	}
	step := Step(m.net, Adam(nn.Constant(1e-3), 0.1), 1, 1)
	run := func() {
		if _, err := m.run.Call(b.Context(), "step", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			return step(s, in)
		}, tokens, tokens); err != nil {
			b.Fatal(err)
		}
	}
	run()
	for b.Loop() {
		run()
	}
}
