package nn

import "fmt"

// Sizes come from files too. These bounds are beyond any model, and far below what overflows or never ends.
const (
	MaxSize   = 1 << 24 // of a width, a vocabulary, a length: products of two fit into 64 bits by far
	MaxLayers = 1000    // each takes memory before its weights do
	MaxKernel = 1000    // of a kernel's side
	MaxValues = 1 << 32 // of all parameters together
)

// CheckSize says what is wrong with a config's size, which must be least to most. cmp.Or of several gives the first that is wrong.
func CheckSize(model, field string, value, least, most int) error {
	switch {
	case value < least:
		return fmt.Errorf("%s: %s is %d: it must be at least %d", model, field, value, least)
	case value > most:
		return fmt.Errorf("%s: %s is %d: it must be at most %d", model, field, value, most)
	}
	return nil
}

// checkValues refuses a model that no machine here holds, before it is made.
func checkValues(root any) error {
	left := MaxValues
	for path, p := range Params(root) {
		n := 1
		for _, d := range p.Shape {
			if d > 0 && n > left/d {
				return errorf("%s is %v: the model has more than %d values, make it smaller", path, p.Shape, MaxValues)
			}
			n *= d
		}
		left -= n
	}
	return nil
}
