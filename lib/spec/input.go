package spec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/torch"
)

// Input is a tensor that a model takes. Its sizes are numbers or the free ones below.
type Input struct {
	Name     string
	DType    torch.DType // "" is any
	Shape    []int       // nil is any
	Optional bool
	Below    int // when not 0, the values are indices and must be at least 0 (or Ignored) and less than this
	Ignored  int // when not 0, a negative index that is allowed, too: one that a loss leaves out
	Longest  int // when not 0, the largest size of the last axis
	// Values says how the bench draws the input; indices are always drawn from all that are allowed.
	Values Values
}

// Mask is an input's dtype that stands for any of numbers: what isn't 0 becomes 1.
const Mask torch.DType = "numbers"

// Free sizes: each may be any, and is the same wherever it stands in a model's inputs.
const (
	AnySteps = -1 - iota
	AnyBatch
	AnyLength
	AnyKeys
	AnyHeight
	AnyWidth
)

// Values is a distribution of an input's values.
type Values int

// The distributions; the zero value is N(0, 1).
const (
	Normal Values = iota
	Unit          // U[0, 1)
	Signed        // U[-1, 1)
	Zeros
	Ones
)

// take finds the inputs that a model wants, in their order; an absent optional one is nil. It refuses what the model doesn't know,
// wrong types and wrong shapes, all at once.
func take(given *torch.StateDict, wanted []Input) ([]*tensors.Tensor, error) {
	var wrong []string
	list := make([]*tensors.Tensor, len(wanted))
	known, free := map[string]bool{}, map[int]int{}
	for i, w := range wanted {
		known[w.Name] = true
		t, ok := given.Get(w.Name)
		if ok && w.DType == Mask {
			if ones, err := notZero(t); err == nil {
				t, w.DType = ones, ones.DType
			}
		}
		switch {
		case !ok && w.Optional:
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s is missing", w.Name))
		case w.DType != "" && t.DType != w.DType:
			wrong = append(wrong, fmt.Sprintf("%s holds %s, it must hold %s", w.Name, t.DType, w.DType))
		case w.Shape != nil && !fits(t.Shape, w.Shape, free):
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, it must have %s", w.Name, t.Shape, shapeText(w.Shape, free)))
		case w.Longest > 0 && t.Shape[len(t.Shape)-1] > w.Longest:
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, its last axis may be at most %d", w.Name, t.Shape, w.Longest))
		default:
			value, err := t.ToGoMLX()
			if err == nil {
				err = w.inRange(value)
			}
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%s %v", w.Name, err))
			}
			list[i] = value
		}
	}
	for _, name := range given.Names() {
		if !known[name] {
			wrong = append(wrong, fmt.Sprintf("%s isn't an input of this model", name))
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("--inputs: %s", strings.Join(wrong, "; "))
	}
	return list, nil
}

// notZero is 1 where t isn't 0, as PyTorch's mask == 0 sees it.
func notZero(t torch.Tensor) (torch.Tensor, error) {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	set := make([]bool, n)
	if values, err := t.Float32s(); err == nil {
		for i, v := range values {
			set[i] = v != 0
		}
	} else if slices.Contains([]torch.DType{torch.BOOL, torch.U8, torch.I8, torch.I16, torch.I32, torch.I64}, t.DType) {
		size := len(t.Data) / max(n, 1)
		for i := range set {
			set[i] = slices.ContainsFunc(t.Data[i*size:(i+1)*size], func(b byte) bool { return b != 0 })
		}
	} else {
		return t, err
	}
	ones := torch.Tensor{DType: torch.F32, Shape: t.Shape}
	for _, b := range set {
		bits := uint32(0)
		if b {
			bits = math.Float32bits(1)
		}
		ones.Data = binary.LittleEndian.AppendUint32(ones.Data, bits)
	}
	return ones, nil
}

// inRange checks indices.
func (w Input) inRange(t *tensors.Tensor) (err error) {
	if w.Below == 0 {
		return nil
	}
	read := tensors.ConstFlatData(t, func(flat []int64) {
		for i, v := range flat {
			if (v < 0 || v >= int64(w.Below)) && (w.Ignored == 0 || v != int64(w.Ignored)) {
				err = fmt.Errorf("holds %d at place %d, it must hold 0 to %d", v, i, w.Below-1)
				return
			}
		}
	})
	return errors.Join(err, read)
}

// fits compares a shape with the wanted one and notes the free sizes.
func fits(shape, wanted []int, free map[int]int) bool {
	if len(shape) != len(wanted) {
		return false
	}
	for i, w := range wanted {
		if w < 0 {
			if _, known := free[w]; !known && shape[i] > 0 {
				free[w] = shape[i]
			}
			w = free[w]
		}
		if shape[i] != w || w == 0 {
			return false
		}
	}
	return true
}

func shapeText(shape []int, free map[int]int) string {
	text := make([]string, len(shape))
	for i, d := range shape {
		text[i] = fmt.Sprint(d)
		if d < 0 {
			text[i] = "any"
			if bound := free[d]; bound > 0 {
				text[i] = fmt.Sprint(bound)
			}
		}
	}
	return "[" + strings.Join(text, " ") + "]"
}
