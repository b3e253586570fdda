package nn

import (
	"math"
	"math/rand/v2"
)

// Init fills a new parameter of float32 values.
type Init func(rng *rand.Rand, values []float32)

// UniformInit draws from U(-bound, bound).
func UniformInit(bound float64) Init {
	return func(rng *rand.Rand, values []float32) {
		for i := range values {
			values[i] = float32((2*rng.Float64() - 1) * bound)
		}
	}
}

// NormalInit draws from N(mean, std²).
func NormalInit(mean, std float64) Init {
	return func(rng *rand.Rand, values []float32) {
		for i := range values {
			values[i] = float32(mean + std*rng.NormFloat64())
		}
	}
}

// ConstInit sets every value to c.
func ConstInit(c float64) Init {
	return func(_ *rand.Rand, values []float32) {
		for i := range values {
			values[i] = float32(c)
		}
	}
}

// fanInInit is PyTorch's default for linear and convolution layers, weights and biases alike: Kaiming's uniform rule with a = √5,
// which is U(±1/√fan_in).
func fanInInit(fanIn int) Init { return UniformInit(1 / math.Sqrt(float64(fanIn))) }
