package metrics

import (
	"fmt"
	"math"
	"math/cmplx"
)

// Spectrum is the mean power of square pictures by frequency: element k is over all waves of k to k+1 cycles a picture in any direction, up to
// half the size. The mean is taken off first, and a Hann window keeps the edges out. x: [n] of [size, size, channels] flat.
func Spectrum(x [][]float32, size, channels int) ([]float64, error) {
	if size < 4 || channels < 1 {
		return nil, fmt.Errorf("size, channels are %d, %d: they must be at least 4 and 1", size, channels)
	}
	power, count := make([]float64, size/2), make([]float64, size/2)
	values := make([]complex128, size*size)
	transform := newTransform(size)
	for i, p := range x {
		if len(p) != size*size*channels {
			return nil, fmt.Errorf("picture %d has %d values: it must have %d", i, len(p), size*size*channels)
		}
		for c := range channels {
			mean := 0.0
			for k := range values {
				mean += float64(p[k*channels+c]) / float64(len(values))
			}
			for k := range values {
				values[k] = complex((float64(p[k*channels+c])-mean)*hann(k/size, size)*hann(k%size, size), 0)
			}
			transform.forth(values)
			for k, v := range values {
				cycles := math.Hypot(float64(signed(k/size, size)), float64(signed(k%size, size)))
				if ring := int(cycles); ring < len(power) {
					power[ring] += cmplx.Abs(v) * cmplx.Abs(v)
					count[ring]++
				}
			}
		}
	}
	for k := range power {
		power[k] /= max(count[k], 1)
	}
	return power, nil
}

func hann(i, n int) float64 { return 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(n)) }

// signed is a frequency of a transform of length n: the upper half is below 0.
func signed(k, n int) int {
	if k > n/2 {
		return k - n
	}
	return k
}
