package torch

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// ToGoMLX copies the tensor into one of GoMLX's, of the same dtype and shape. Byte order is the machine's: all that XLA and Go's
// machine learning run on are little-endian.
func (t Tensor) ToGoMLX() (*tensors.Tensor, error) { return t.toBackend(nil) }

// toBackend is [Tensor.ToGoMLX] straight into the memory of a backend, if not nil.
func (t Tensor) toBackend(b compute.Backend) (*tensors.Tensor, error) {
	shape, err := t.gomlxShape()
	if err != nil {
		return nil, err
	}
	if len(t.Data) == 0 {
		return tensors.FromShape(shape), nil
	}
	return tensors.FromRaw(b, 0, shape, t.Data)
}

// gomlxShape is the tensor's GoMLX shape; an error if GoMLX can't hold it.
func (t Tensor) gomlxShape() (shapes.Shape, error) {
	if err := t.validate(); err != nil {
		return shapes.Shape{}, err
	}
	d := dtypeTable[t.DType].gomlx
	if d == 0 {
		return shapes.Shape{}, fmt.Errorf("GoMLX has no tensors of dtype %s: convert them in PyTorch, to F32 say", t.DType)
	}
	if t.DType == BOOL {
		for i, b := range t.Data {
			if b > 1 { // Go's bool may be nothing else
				return shapes.Shape{}, fmt.Errorf("value %d of a BOOL tensor is %d, must be 0 or 1", i, b)
			}
		}
	}
	return shapes.Make(d, t.Shape...), nil
}

// FromGoMLX copies a tensor of GoMLX, keeping dtype and shape.
func FromGoMLX(t *tensors.Tensor) (Tensor, error) {
	for d, info := range dtypeTable {
		if info.gomlx == 0 || info.gomlx != t.DType() {
			continue
		}
		out := Tensor{DType: d, Shape: slices.Clone(t.Shape().Dimensions), Data: make([]byte, t.ByteSize())}
		if len(out.Data) == 0 {
			return out, nil
		}
		err := t.ConstBytes(func(data []byte) { copy(out.Data, data) })
		return out, err
	}
	return Tensor{}, fmt.Errorf("a tensor of %s has no place in a safetensors file, which holds %s", t.DType(), dtypeNames())
}

// Float32s gives the values of a tensor of any of F16, BF16, F32 and F64.
func (t Tensor) Float32s() ([]float32, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	real, size := reals[t.DType], dtypeTable[t.DType].bits/8
	if real == nil {
		return nil, fmt.Errorf("a tensor of %s isn't of floating point numbers (F16, BF16, F32 or F64)", t.DType)
	}
	out := make([]float32, len(t.Data)/size)
	for i := range out {
		out[i] = float32(real(t.Data[i*size:]))
	}
	return out, nil
}

// validate checks that the data is as long as dtype and shape say.
func (t Tensor) validate() error {
	n, err := t.DType.bytes(t.Shape)
	if err != nil {
		return err
	}
	if len(t.Data) != n {
		return fmt.Errorf("%s of shape %v takes %d bytes, there are %d", t.DType, t.Shape, n, len(t.Data))
	}
	return nil
}
