package stylegan

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/spec"
	"genlab/lib/torch"
)

// The parts of the nets, each to be run by itself under NVIDIA's names.

func openMapping(given spec.Config) (*spec.Pass, error) {
	c := struct {
		mappingConfig
		truncationConfig
	}{published().mapping(), truncationConfig{Psi: 1}}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := c.mappingConfig.validate(); err != nil {
		return nil, err
	}
	net := nn.Name(newMapping(c.mappingConfig))
	return &spec.Pass{
		Net:    net,
		Inputs: classInputs([]spec.Input{float("z", c.Z)}, c.C, "c"),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			w := net.Forward(s, in[0], optional(in, 1), s.IsTraining(in[0].Graph()))
			return map[string]*graph.Node{"ws": net.Styles(s, w, c.in(w.Graph()))}
		},
	}, nil
}

func openInput(given spec.Config) (*spec.Pass, error) {
	c := inputConfig{W: 512, Channels: 512, Size: square(36), Rate: 16, Bandwidth: 2}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	net := nn.Name(newFourier(c))
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{float("w", c.W)},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(net.Forward(s, in[0], nil))}
		},
	}, nil
}

func openLayer(given spec.Config) (*spec.Pass, error) {
	c := layerConfig{
		W: 512, In: 512, Out: 512, InSize: square(36), OutSize: square(36), InRate: 16, OutRate: 16,
		InCutoff: 2, OutCutoff: 2, InHalfWidth: 6, OutHalfWidth: 6, layerOptions: publishedLayer(),
	}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	net := nn.Name(newLayer(c))
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{float("x", c.In, c.InSize[1], c.InSize[0]), float("w", c.W)},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			y := net.Forward(s, channelsLast(in[0]), in[1], s.IsTraining(in[0].Graph()))
			return map[string]*graph.Node{"output": channelsFirst(y)}
		},
	}, nil
}

func openFilter(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Taps   int     `json:"numtaps"`
		Cutoff float64 `json:"cutoff"`
		Width  float64 `json:"width"`
		Rate   float64 `json:"fs"`
		Radial bool    `json:"radial"`
	}{12, 2, 4, 32, false}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if c.Taps < 2 || c.Taps > 4096 || !(c.Cutoff > 0) || !(c.Cutoff < c.Rate/2) || !(c.Width > 0) {
		return nil, fmt.Errorf("stylegan: numtaps, cutoff, width, fs are %d, %g, %g, %g: numtaps must be 2 to 4096, width positive, cutoff positive and less than fs/2",
			c.Taps, c.Cutoff, c.Width, c.Rate)
	}
	shape := []int{c.Taps}
	if c.Radial {
		shape = append(shape, c.Taps)
	}
	values := Lowpass(c.Taps, c.Cutoff, c.Width, c.Rate, c.Radial)
	return &spec.Pass{Fixed: map[string]*tensors.Tensor{"filter": tensors.FromFlatDataAndDimensions(values, shape...)}}, nil
}

// sides is a padding as NVIDIA gives it: one number, one for each axis, or before and after the width and the height.
type sides []int

// UnmarshalJSON takes a number or a list.
func (p *sides) UnmarshalJSON(text []byte) error {
	var one int
	if json.Unmarshal(text, &one) == nil {
		*p = sides{one}
		return nil
	}
	return json.Unmarshal(text, (*[]int)(p))
}

func (p sides) padding() ([2][2]int, error) {
	switch len(p) {
	case 1:
		return [2][2]int{{p[0], p[0]}, {p[0], p[0]}}, nil
	case 2:
		return [2][2]int{{p[1], p[1]}, {p[0], p[0]}}, nil
	case 4:
		return [2][2]int{{p[2], p[3]}, {p[0], p[1]}}, nil
	}
	return [2][2]int{}, fmt.Errorf("stylegan: padding is %v: it must be 1, 2 or 4 numbers", []int(p))
}

func openUpFirDn(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Up      pair    `json:"up"` // width, height
		Down    pair    `json:"down"`
		Padding sides   `json:"padding"`
		Flip    bool    `json:"flip_filter"`
		Gain    float64 `json:"gain"`
	}{square(1), square(1), sides{0}, false, 1}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	padding, err := c.Padding.padding()
	if err != nil {
		return nil, err
	}
	o := nn.UpFirDn{Up: []int{c.Up[1], c.Up[0]}, Down: []int{c.Down[1], c.Down[0]}, Padding: padding, Gain: c.Gain, Flip: c.Flip}
	return &spec.Pass{
		Inputs: []spec.Input{picturesOfAny("x"), {Name: "f", DType: torch.F32, Optional: true}},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(nn.UpFirDn2d(channelsLast(in[0]), in[1], o))}
		},
	}, nil
}

func openFilteredLReLU(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Up      int     `json:"up"`
		Down    int     `json:"down"`
		Padding sides   `json:"padding"`
		Gain    float64 `json:"gain"`
		Slope   float64 `json:"slope"`
		Clamp   limit   `json:"clamp"`
		Flip    bool    `json:"flip_filter"`
	}{1, 1, sides{0}, math.Sqrt2, slope, 0, false}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	padding, err := c.Padding.padding()
	if err != nil {
		return nil, err
	}
	l := nn.FilteredLReLU{Up: c.Up, Down: c.Down, Padding: padding, Slope: c.Slope, Gain: c.Gain, Clamp: float64(c.Clamp), Flip: c.Flip}
	list := func(name string) spec.Input { return spec.Input{Name: name, DType: torch.F32, Optional: true} }
	return &spec.Pass{
		Inputs: []spec.Input{picturesOfAny("x"), list("b"), list("fu"), list("fd")},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(l.Forward(channelsLast(in[0]), in[1], in[2], in[3]))}
		},
	}, nil
}

func openBlur(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Sigma float64 `json:"blur_sigma"`
	}{1}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if !(c.Sigma >= 0 && c.Sigma <= 100) {
		return nil, fmt.Errorf("stylegan: blur_sigma is %g: it must be 0 to 100", c.Sigma)
	}
	return &spec.Pass{
		Inputs: []spec.Input{picturesOfAny("img")},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(Blur(channelsLast(in[0]), graph.Const(in[0].Graph(), float32(c.Sigma)), int(3*c.Sigma)))}
		},
	}, nil
}

// openAugment is the augmentation of pictures by given numbers.
func openAugment(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Augment Augment `json:"augment"`
		P       float64 `json:"p"`
	}{Whole, 1}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if !(c.P >= 0 && c.P <= 1) {
		return nil, fmt.Errorf("stylegan: p is %g: it must be 0 to 1", c.P)
	}
	return &spec.Pass{
		Inputs: []spec.Input{picturesOfAny("img"), float("u", uniforms), float("n", normals)},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			y := c.Augment.Apply(channelsLast(in[0]), graph.Const(in[0].Graph(), float32(c.P)), in[1], in[2])
			return map[string]*graph.Node{"output": channelsFirst(y)}
		},
	}, c.Augment.validate()
}

// picturesOfAny are pictures of any size.
func picturesOfAny(name string) spec.Input {
	return spec.Input{Name: name, DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyLength, spec.AnyHeight, spec.AnyWidth}}
}
