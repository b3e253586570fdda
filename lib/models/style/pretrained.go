package style

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/scigolib/hdf5"

	"genlab/lib/torch"
)

// ReadVGG reads a VGG's convolutions: torchvision's vgg16 or vgg19, as torch.save wrote it or as safetensors, the classifier being left
// aside; or a Keras model's weights, a .weights.h5 whose blocks are VGG-16's, such as `genlab data vgg16` fetches. It gives the network and
// the weights to load into it.
func ReadVGG(path string) (*VGG, *torch.StateDict, error) {
	read := readTorchvision
	if filepath.Ext(path) == ".h5" {
		read = readKeras
	}
	v, state, err := read(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading a VGG from %s: %w", path, err)
	}
	return v, state, nil
}

func readTorchvision(path string) (*VGG, *torch.StateDict, error) {
	all, err := torch.Read(path)
	if err != nil {
		return nil, nil, err
	}
	convolutions, state := 0, &torch.StateDict{}
	for _, name := range all.Names() {
		if !strings.HasPrefix(name, "features.") {
			continue
		}
		t, _ := all.Get(name)
		if state.Set(name, t); len(t.Shape) == 4 {
			convolutions++
		}
	}
	var config VGGConfig
	switch convolutions {
	case 13:
		config = VGG16()
	case 16:
		config = VGG19()
	default:
		return nil, nil, fmt.Errorf("it has %d convolutions features.N.weight: it must have VGG-16's 13 or VGG-19's 16", convolutions)
	}
	v, err := NewVGG(config)
	if err != nil {
		return nil, nil, err
	}
	return v, state, torch.Compare(v, state).Err(false)
}

// readKeras takes the kernels round: Keras has them [height, width, in, out] for blue, green and red, PyTorch [out, in, height, width] for
// red, green and blue.
func readKeras(path string) (v *VGG, state *torch.StateDict, err error) {
	config := VGG16()
	config.Caffe = true
	if v, err = NewVGG(config); err != nil {
		return nil, nil, err
	}
	f, err := hdf5.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sets := map[string]*hdf5.Dataset{}
	f.Walk(func(path string, o hdf5.Object) {
		if d, ok := o.(*hdf5.Dataset); ok {
			sets[path] = d
		}
	})
	state = &torch.StateDict{}
	block, within, in, module := 1, 0, 3, 0
	for _, width := range v.config.Widths {
		if width == Pooling {
			block, within, module = block+1, 0, module+1
			continue
		}
		layer := fmt.Sprintf("/block%d/layers/conv2d", block)
		if within > 0 {
			layer += fmt.Sprintf("_%d", within)
		}
		kernel, err := values(sets, layer+"/vars/0", 9*in*width)
		if err != nil {
			return nil, nil, err
		}
		bias, err := values(sets, layer+"/vars/1", width)
		if err != nil {
			return nil, nil, err
		}
		state.Set(fmt.Sprintf("features.%d.weight", module), float32s(turned(kernel, in, width, module == 0), width, in, 3, 3))
		state.Set(fmt.Sprintf("features.%d.bias", module), float32s(bias, width))
		within, in, module = within+1, width, module+2
	}
	return v, state, nil
}

// values are a data set's, which must be n.
func values(sets map[string]*hdf5.Dataset, path string, n int) ([]float64, error) {
	d, ok := sets[path]
	if !ok {
		return nil, fmt.Errorf("it has no %s: it must be the weights of a Keras model whose blocks are VGG-16's", path)
	}
	all, err := d.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) != n {
		return nil, fmt.Errorf("%s has %d values: it must have VGG-16's %d", path, len(all), n)
	}
	return all, nil
}

// turned is a kernel [3, 3, in, out] as [out, in, 3, 3], the channels in backwards if asked for.
func turned(kernel []float64, in, out int, backwards bool) []float64 {
	made := make([]float64, len(kernel))
	for place := range 9 {
		for i := range in {
			to := i
			if backwards {
				to = in - 1 - i
			}
			for o := range out {
				made[(o*in+to)*9+place] = kernel[(place*in+i)*out+o]
			}
		}
	}
	return made
}

func float32s(values []float64, shape ...int) torch.Tensor {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
	}
	return torch.Tensor{DType: torch.F32, Shape: shape, Data: data}
}
