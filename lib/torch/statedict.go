package torch

import "slices"

// Tensor is a tensor as a file holds it: little-endian values, row-major. Tensors of a file that was read share one piece of memory:
// don't write to Data.
type Tensor struct {
	DType DType
	Shape []int
	Data  []byte
}

// StateDict is PyTorch's state_dict: tensors by name, in order. The zero value is empty and ready for use.
type StateDict struct {
	// Metadata is the free text that a safetensors file carries; {"format": "pt"} by PyTorch's habit.
	Metadata map[string]string

	names   []string
	tensors map[string]Tensor
}

// Names lists the tensors in the order of the file, or of [StateDict.Set].
func (sd *StateDict) Names() []string { return slices.Clone(sd.names) }

// Len is the number of tensors.
func (sd *StateDict) Len() int { return len(sd.names) }

// Get finds a tensor.
func (sd *StateDict) Get(name string) (Tensor, bool) {
	t, ok := sd.tensors[name]
	return t, ok
}

// Set adds a tensor at the end, or replaces the one of that name in its place.
func (sd *StateDict) Set(name string, t Tensor) {
	if sd.tensors == nil {
		sd.tensors = map[string]Tensor{}
	}
	if _, ok := sd.tensors[name]; !ok {
		sd.names = append(sd.names, name)
	}
	sd.tensors[name] = t
}
