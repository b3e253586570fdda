package rnn

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend/backendtest"
)

// draw gives each character its share of u, and none to those that top-k or top-p leave out.
func TestDraw(t *testing.T) {
	p := []float64{0.1, 0.4, 0.05, 0.25, 0.2}
	logits := make([]float32, len(p))
	for i, v := range p {
		logits[i] = float32(math.Log(v))
	}
	cases := []struct {
		options []float32
		want    []float64
	}{
		{[]float32{1, 5, 1}, p},
		{[]float32{1, 2, 1}, []float64{0, 0.4 / 0.65, 0, 0.25 / 0.65, 0}},
		{[]float32{1, 1, 1}, []float64{0, 1, 0, 0, 0}},
		{[]float32{1, 5, 0.7}, []float64{0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85}},
		{[]float32{1, 5, 1e-6}, []float64{0, 1, 0, 0, 0}},
		{[]float32{0.5, 5, 1}, []float64{0.01 / 0.275, 0.16 / 0.275, 0.0025 / 0.275, 0.0625 / 0.275, 0.04 / 0.275}},
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		exec := map[bool]*graph.Exec{}
		for _, cut := range []bool{false, true} {
			exec[cut] = graph.MustNewExec(b, func(logits, options, u *graph.Node) *graph.Node { return draw(logits, options, u, cut) })
			defer exec[cut].Finalize()
		}
		for _, c := range cases {
			cut := c.options[1] < 5 || c.options[2] < 1
			const n = 400
			got := make([]float64, len(p))
			for i := range n {
				out, err := exec[cut].Call1(logits, c.options, float32((float64(i)+0.5)/n))
				if err != nil {
					t.Fatal(err)
				}
				got[tensors.ToScalar[int32](out)] += 1.0 / n
			}
			for i := range got {
				if math.Abs(got[i]-c.want[i]) > 1.5/n {
					t.Errorf("options %v: shares %.3f, want %.3f", c.options, got, c.want)
					break
				}
			}
		}
	})
}

// BenchmarkWrite is four chunks of characters of the default model, 256x1, and of other sizes; peer/lstm.py gives PyTorch's rate.
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
