package nn

import (
	"fmt"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
)

// BenchmarkBatchNorm measures the article's batch norms with the activation after them, batch 64: forward and gradients.
func BenchmarkBatchNorm(b *testing.B) {
	be, err := backend.New("xla:cpu")
	if err != nil {
		b.Skip(err)
	}
	for _, dims := range [][]int{{64, 32, 32, 64}, {64, 16, 16, 128}, {64, 8, 8, 256}, {64, 4, 4, 512}} {
		b.Run(fmt.Sprint(dims), func(b *testing.B) {
			l := Name(NewBatchNorm2d(dims[3]))
			store := model.NewStore()
			if err := Create(store.RootScope(), l, 1); err != nil {
				b.Fatal(err)
			}
			exec, err := model.NewExec(be, store, func(s *model.Scope, x, v *graph.Node) []*graph.Node {
				g := x.Graph()
				s.Store().SetTraining(g, true)
				y := LeakyReLU{Slope: 0.2}.Forward(s, l.Forward(s, x))
				grads := graph.Gradient(graph.ReduceAllSum(graph.Mul(y, v)), x, l.Weight.Node(s, g), l.Bias.Node(s, g))
				return append(grads, y)
			})
			if err != nil {
				b.Fatal(err)
			}
			defer exec.Finalize()
			x, v := filled(dims), filled(dims)
			least, cpu := time.Hour, time.Hour
			for b.Loop() {
				for range 10 {
					start, busy := time.Now(), cpuTime()
					out, err := exec.Exec(x, v)
					if err != nil {
						b.Fatal(err)
					}
					least, cpu = min(least, time.Since(start)), min(cpu, cpuTime()-busy)
					for _, t := range out {
						t.MustFinalizeAll()
					}
				}
			}
			b.ReportMetric(float64(least.Microseconds())/1000, "ms")
			b.ReportMetric(float64(cpu.Microseconds())/1000, "cpu-ms")
		})
	}
}
