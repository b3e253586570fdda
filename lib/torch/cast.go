package torch

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// as converts numbers to F32, or to I64, the type of a counter, as PyTorch's copy_ does, which load_state_dict calls: to whole numbers
// towards zero. An error where that gives no number, and for types that mean nothing alone: complex, and floats of 8 bits and fewer.
func (t Tensor) as(want DType) (Tensor, error) {
	if t.DType == want {
		return t, nil
	}
	whole, real := wholes[t.DType], reals[t.DType]
	if whole == nil && real == nil || want != F32 && want != I64 {
		return Tensor{}, fmt.Errorf("the file has %s, the model %s: convert it in PyTorch", t.DType, want)
	}
	size := dtypeTable[t.DType].bits / 8
	out := Tensor{want, t.Shape, make([]byte, 0, len(t.Data)/size*dtypeTable[want].bits/8)}
	for at := 0; at < len(t.Data); at += size {
		switch value := t.Data[at:]; {
		case want == F32 && real != nil:
			out.Data = le.AppendUint32(out.Data, math.Float32bits(float32(real(value))))
		case want == F32:
			out.Data = le.AppendUint32(out.Data, math.Float32bits(float32(whole(value))))
		case whole != nil:
			out.Data = le.AppendUint64(out.Data, uint64(whole(value)))
		default:
			v := real(value)
			if !(math.Abs(v) < 1<<63) {
				return Tensor{}, fmt.Errorf("value %d is %g, the model has whole numbers there", at/size, v)
			}
			out.Data = le.AppendUint64(out.Data, uint64(int64(v)))
		}
	}
	return out, nil
}

// reals reads a floating point number.
var reals = map[DType]func([]byte) float64{
	F16:  func(b []byte) float64 { return float64(float16.FromBits(le.Uint16(b)).Float32()) },
	BF16: func(b []byte) float64 { return float64(bfloat16.FromBits(le.Uint16(b)).Float32()) },
	F32:  func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) },
	F64:  func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) },
}

// wholes reads a whole number.
var wholes = map[DType]func([]byte) int64{
	BOOL: func(b []byte) int64 { return int64(b[0]) },
	U8:   func(b []byte) int64 { return int64(b[0]) },
	I8:   func(b []byte) int64 { return int64(int8(b[0])) },
	I16:  func(b []byte) int64 { return int64(int16(le.Uint16(b))) },
	U16:  func(b []byte) int64 { return int64(le.Uint16(b)) },
	I32:  func(b []byte) int64 { return int64(int32(le.Uint32(b))) },
	U32:  func(b []byte) int64 { return int64(le.Uint32(b)) },
	I64:  func(b []byte) int64 { return int64(le.Uint64(b)) },
}

var le = binary.LittleEndian
