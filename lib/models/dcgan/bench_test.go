package dcgan

import (
	"testing"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// One iteration of the article's loop at its sizes, batch 64; the seconds to compile it beside. On XLA:
//
//	GOMLX_BACKEND=xla:cpu go test ./lib/models/dcgan -run '^$' -bench Iteration -benchtime 5x
func BenchmarkIteration(b *testing.B) {
	m, err := New(Default(), 1)
	if err != nil {
		b.Fatal(err)
	}
	exec, err := model.NewExec(m.run.Backend, m.run.Store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		s.Store().SetTraining(in[0].Graph(), true)
		nn.SeedGraph(s, in[0])
		return step(m.generator, m.discriminator, TrainConfig{Model: m.Config})(s, in[1:])
	})
	if err != nil {
		b.Fatal(err)
	}
	real := tensors.FromShape(shapes.Make(dtypes.Float32, 64, 64, 64, 3))
	call := func() {
		out, err := exec.Call([]uint32{1, 2}, real)
		if err != nil {
			b.Fatal(err)
		}
		_ = tensors.ToScalar[float32](out[0]) // waits for the result
	}
	began := time.Now()
	call()
	compile := time.Since(began)
	for b.Loop() {
		call()
	}
	b.ReportMetric(compile.Seconds(), "s/first")
}
