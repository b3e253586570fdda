package audio

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Made are recordings of a machine, for where there are none: two voices, one an octave above the other, say digits as tones of as many
// pitches, with four harmonics that fade. The same each time: 10 digits, count times each voice.
func Made(count int) []Recording {
	const rate, length = 8000, 2400
	var list []Recording
	for v, voice := range []string{"high", "low"} {
		for digit := range 10 {
			for n := range count {
				rng := rand.New(rand.NewPCG(uint64(v*10+digit), uint64(n)))
				pitch := 2 * math.Pi * 440 / rate * math.Pow(2, float64(digit)/12-float64(v)) * (1 + 0.01*rng.NormFloat64())
				r := Recording{
					Name: fmt.Sprintf("%d_%s_%d.wav", digit, voice, n), Rate: rate, Samples: make([]float32, length),
					Digit: fmt.Sprint(digit), Speaker: voice, Number: fmt.Sprint(n),
				}
				for t := range r.Samples {
					var y float64
					for h := 1; h <= 4; h++ {
						y += math.Sin(float64(h)*pitch*float64(t)) / float64(h)
					}
					envelope := math.Min(1, float64(t)/100) * math.Exp(-2*float64(t)/length)
					r.Samples[t] = float32(0.4*envelope*y + 0.002*rng.NormFloat64())
				}
				list = append(list, r)
			}
		}
	}
	return list
}
