package rnn

import (
	"context"
	"fmt"
	"testing"
)

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
