package spec

import (
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/torch"
)

// Draw gives inputs from a fixed seed.
type Draw struct{ rng *rand.Rand }

// NewDraw begins anew.
func NewDraw() Draw { return Draw{rand.New(rand.NewPCG(1, 2))} }

// Normal draws from N(0, 1).
func (d Draw) Normal(dims ...int) *tensors.Tensor {
	return fill(dims, func() float32 { return float32(d.rng.NormFloat64()) })
}

// Uniform draws from U[low, high).
func (d Draw) Uniform(low, high float32, dims ...int) *tensors.Tensor {
	return fill(dims, func() float32 { return low + (high-low)*d.rng.Float32() })
}

// Tokens draws integers from low up to, not including, high.
func (d Draw) Tokens(low, high int, dims ...int) *tensors.Tensor {
	return fill(dims, func() int32 { return int32(low + d.rng.IntN(high-low)) })
}

// Bytes draws n bytes.
func (d Draw) Bytes(n int) []byte {
	all := make([]byte, n)
	for i := range all {
		all[i] = byte(d.rng.Uint32())
	}
	return all
}

// input draws what a declared input may be.
func (d Draw) input(in Input, free map[int]int) *tensors.Tensor {
	dims := slices.Clone(in.Shape)
	for i, size := range dims {
		if size < 0 {
			dims[i] = free[size]
		}
	}
	switch {
	case in.DType == torch.I64:
		return d.Tokens(0, in.Below, dims...)
	case in.DType == Mask || in.Values == Ones:
		return d.Uniform(1, 1, dims...)
	case in.Values == Unit:
		return d.Uniform(0, 1, dims...)
	case in.Values == Signed:
		return d.Uniform(-1, 1, dims...)
	case in.Values == Zeros:
		return d.Uniform(0, 0, dims...)
	}
	return d.Normal(dims...)
}

func fill[T int32 | float32](dims []int, next func() T) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	values := make([]T, n)
	for i := range values {
		values[i] = next()
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}
