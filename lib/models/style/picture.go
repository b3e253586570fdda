package style

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn"
)

// Picture is a picture in colour.
type Picture struct {
	Height, Width int
	Pixels        []float32 // [height, width, 3] flat: red, green and blue in [0, 1]
}

// check refuses what is no picture.
func (p Picture) check(what string) error {
	if p.Height < 1 || p.Width < 1 || len(p.Pixels) != 3*p.Height*p.Width {
		return fmt.Errorf("style: the %s is %dx%d with %d values: it must have three for each pixel", what, p.Width, p.Height, len(p.Pixels))
	}
	return nil
}

func (p Picture) tensor() *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(p.Pixels, 1, p.Height, p.Width, 3)
}

// pictureOf is what a graph made: [1, height, width, 3].
func pictureOf(t *tensors.Tensor) (Picture, error) {
	flat, err := tensors.CopyFlatData[float32](t)
	return Picture{t.Shape().Dim(1), t.Shape().Dim(2), flat}, err
}

// clipped has its values in [0, 1].
func (p Picture) clipped() Picture {
	made := Picture{p.Height, p.Width, make([]float32, len(p.Pixels))}
	for i, v := range p.Pixels {
		made.Pixels[i] = min(max(v, 0), 1)
	}
	return made
}

// fit is the size of the picture when its longer side is so many pixels.
func (p Picture) fit(longer int) (height, width int) {
	by := float64(longer) / float64(max(p.Height, p.Width))
	side := func(n int) int { return max(1, int(math.Round(by*float64(n)))) }
	return side(p.Height), side(p.Width)
}

// resized resizes pictures as PyTorch's antialiased bilinear interpolation does.
func resized(x *graph.Node, height, width int) *graph.Node {
	if x.Shape().Dim(1) == height && x.Shape().Dim(2) == width {
		return x
	}
	return nn.Interpolate(x, nn.InterpolateOptions{Size: []int{height, width}, Mode: "bilinear", Antialias: true})
}

// colour takes a picture's brightness and another's colour, of its size (Gatys, Bethge, Hertzmann & Shechtman, "Preserving color in neural
// artistic style transfer", 2016, section 4), in the YIQ of NTSC's.
func (p Picture) colour(of Picture) Picture {
	made := Picture{p.Height, p.Width, make([]float32, len(p.Pixels))}
	for i := 0; i < len(p.Pixels); i += 3 {
		by := luma(p.Pixels[i:]) - luma(of.Pixels[i:]) // YIQ to RGB gives all three the same brightness
		for c := range 3 {
			made.Pixels[i+c] = of.Pixels[i+c] + by
		}
	}
	return made.clipped()
}

func luma(rgb []float32) float32 { return 0.299*rgb[0] + 0.587*rgb[1] + 0.114*rgb[2] }

// atLeast refuses a picture that a network can't see.
func (p Picture) atLeast(side int) error {
	if min(p.Height, p.Width) < side {
		return fmt.Errorf("style: the content is %dx%d: it must be at least %d either way", p.Width, p.Height, side)
	}
	return nil
}
