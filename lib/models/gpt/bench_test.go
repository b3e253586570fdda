package gpt

import (
	"fmt"
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

// BenchmarkStepGPT2 is the 124 M model at batch 4, 256 tokens.
func BenchmarkStepGPT2(b *testing.B) {
	c := GPT2()
	c.Context = 256
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
	step := Step(m.net, TrainConfig{Rate: 1e-3, MinRate: 1e-3, Total: 1, Beta2: 0.95, Decay: 0.1, Clip: 1})
	run := func() {
		if _, err := m.run.Call(b.Context(), "step", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			s.Store().SetTraining(in[0].Graph(), true)
			nn.SeedGraph(s, graph.Const(in[0].Graph(), []uint32{1, 2}))
			return step(s, in).Metrics
		}, tokens, tokens); err != nil {
			b.Fatal(err)
		}
	}
	run()
	for b.Loop() {
		run()
	}
}

// BenchmarkSample writes 480 tokens one after the other, and reports tokens a second: the likeliest, and drawn with temperature and top k.
func BenchmarkSample(b *testing.B) {
	c := Default(91)
	c.Context, c.Bias = 512, true
	for name, cfg := range map[string]SampleConfig{"greedy": {}, "draw": {Temperature: 0.8, TopK: 20}} {
		for _, n := range []int{120, 480} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				m, err := New(c, 1)
				if err != nil {
					b.Skip(err)
				}
				cfg.Tokens = n
				write := func() {
					if _, err := m.Sample(b.Context(), [][]int32{{1, 2, 3, 4, 5, 6, 7, 8}}, cfg); err != nil {
						b.Fatal(err)
					}
				}
				write()
				for b.Loop() {
					write()
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tokens/s")
			})
		}
	}
}
