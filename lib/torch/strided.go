package torch

import "encoding/binary"

// gatherStrided copies values of the given size from data, at offset and by strides (all in values), to out in rows.
func gatherStrided(out, data []byte, size, offset int, shape, strides []int) {
	if len(shape) == 0 {
		copy(out[:size], data[offset*size:])
		return
	}
	last := len(shape) - 1
	length, stride := shape[last], strides[last]*size
	index := make([]int, last)
	at := offset * size
	for len(out) > 0 {
		row := out[:length*size]
		out = out[length*size:]
		from := at
		switch size { // a fixed size is several times faster
		case 4:
			for i := 0; i < len(row); i += 4 {
				binary.LittleEndian.PutUint32(row[i:], binary.LittleEndian.Uint32(data[from:]))
				from += stride
			}
		default:
			for i := 0; i < len(row); i += size {
				copy(row[i:i+size], data[from:])
				from += stride
			}
		}
		for axis := last - 1; axis >= 0; axis-- {
			index[axis]++
			at += strides[axis] * size
			if index[axis] < shape[axis] {
				break
			}
			at -= index[axis] * strides[axis] * size
			index[axis] = 0
		}
	}
}

// permute reorders the axes: axis i of the result is axis perm[i] of t. A nil perm changes nothing.
func (t Tensor) permute(perm []int) Tensor {
	if perm == nil {
		return t
	}
	strides := make([]int, len(t.Shape))
	n := 1
	for i := len(t.Shape) - 1; i >= 0; i-- {
		strides[i] = n
		n *= t.Shape[i]
	}
	shape, by := make([]int, len(perm)), make([]int, len(perm))
	for i, p := range perm {
		shape[i], by[i] = t.Shape[p], strides[p]
	}
	out := make([]byte, len(t.Data))
	if len(out) > 0 {
		gatherStrided(out, t.Data, len(t.Data)/n, 0, shape, by)
	}
	return Tensor{t.DType, shape, out}
}

// inverse is the permutation that undoes perm.
func inverse(perm []int) []int {
	if perm == nil {
		return nil
	}
	inv := make([]int, len(perm))
	for i, p := range perm {
		inv[p] = i
	}
	return inv
}
