package arima

import (
	"context"
	"testing"
)

func BenchmarkLogLik(b *testing.B) {
	for _, k := range load(b).Cases {
		b.Run(k.name(), func(b *testing.B) {
			f := newFilter(newLayout(k.cfg, len(k.exog)), k.y, k.exog)
			for b.Loop() {
				f.run(k.Fixed.Params)
			}
		})
	}
}

func BenchmarkFit(b *testing.B) {
	for _, k := range load(b).Cases {
		b.Run(k.name(), func(b *testing.B) {
			for b.Loop() {
				if _, err := Fit(context.Background(), k.cfg, k.y, k.exog); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
