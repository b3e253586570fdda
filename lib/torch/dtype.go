package torch

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
)

// DType is the type of a tensor's values, under safetensors' name for it.
type DType string

// The types that safetensors defines.
const (
	BOOL       DType = "BOOL" // a byte, 0 or 1
	F4         DType = "F4"
	F6E2M3     DType = "F6_E2M3"
	F6E3M2     DType = "F6_E3M2"
	U8         DType = "U8"
	I8         DType = "I8"
	F8E5M2     DType = "F8_E5M2"
	F8E4M3     DType = "F8_E4M3"
	F8E8M0     DType = "F8_E8M0"
	F8E4M3FNUZ DType = "F8_E4M3FNUZ"
	F8E5M2FNUZ DType = "F8_E5M2FNUZ"
	I16        DType = "I16"
	U16        DType = "U16"
	F16        DType = "F16"
	BF16       DType = "BF16"
	I32        DType = "I32"
	U32        DType = "U32"
	F32        DType = "F32"
	C64        DType = "C64"
	F64        DType = "F64"
	I64        DType = "I64"
	U64        DType = "U64"
)

// dtypeInfo says what a DType is: its place in the order in which files hold tensors, its bits, GoMLX's type (if it has one that
// tensors can hold) and PyTorch's name of it.
type dtypeInfo struct {
	order, bits int
	gomlx       dtypes.DType
	torch       string
}

// dtypeTable is in the order of the reference's enumeration, by which its writer sorts.
var dtypeTable = map[DType]dtypeInfo{
	BOOL:       {0, 8, dtypes.Bool, "bool"},
	F4:         {1, 4, 0, "float4_e2m1fn_x2"},
	F6E2M3:     {2, 6, 0, ""},
	F6E3M2:     {3, 6, 0, ""},
	U8:         {4, 8, dtypes.Uint8, "uint8"},
	I8:         {5, 8, dtypes.Int8, "int8"},
	F8E5M2:     {6, 8, 0, "float8_e5m2"},
	F8E4M3:     {7, 8, 0, "float8_e4m3fn"},
	F8E8M0:     {8, 8, 0, "float8_e8m0fnu"},
	F8E4M3FNUZ: {9, 8, 0, "float8_e4m3fnuz"},
	F8E5M2FNUZ: {10, 8, 0, "float8_e5m2fnuz"},
	I16:        {11, 16, dtypes.Int16, "int16"},
	U16:        {12, 16, dtypes.Uint16, "uint16"},
	F16:        {13, 16, dtypes.Float16, "float16"},
	BF16:       {14, 16, dtypes.BFloat16, "bfloat16"},
	I32:        {15, 32, dtypes.Int32, "int32"},
	U32:        {16, 32, dtypes.Uint32, "uint32"},
	F32:        {17, 32, dtypes.Float32, "float32"},
	C64:        {18, 64, dtypes.Complex64, "complex64"},
	F64:        {19, 64, dtypes.Float64, "float64"},
	I64:        {20, 64, dtypes.Int64, "int64"},
	U64:        {21, 64, dtypes.Uint64, "uint64"},
}

// bytes is the number of bytes that a tensor of this shape takes. It is an error where that overflows or ends within a byte.
func (d DType) bytes(shape []int) (int, error) {
	info, ok := dtypeTable[d]
	if !ok {
		return 0, fmt.Errorf("dtype %q isn't one of safetensors' (%s)", string(d), dtypeNames())
	}
	if len(shape) > maxRank {
		return 0, fmt.Errorf("%d axes, at most %d are allowed", len(shape), maxRank)
	}
	n := uint64(info.bits)
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v has a negative axis", shape)
		}
		if dim != 0 && n > maxBits/uint64(dim) {
			return 0, fmt.Errorf("shape %v is too large for any file", shape)
		}
		n *= uint64(dim)
	}
	if n%8 != 0 {
		return 0, fmt.Errorf("shape %v of %s ends within a byte", shape, d)
	}
	return int(n / 8), nil
}

const (
	maxRank = 64      // PyTorch's own limit
	maxBits = 1 << 62 // so that sums of sizes never overflow
)

func dtypeNames() string {
	names := slices.SortedFunc(maps.Keys(dtypeTable), func(a, b DType) int { return dtypeTable[a].order - dtypeTable[b].order })
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(n))
	}
	return b.String()
}
