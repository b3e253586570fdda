package command

import (
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // pictures to complete
	_ "image/png"
	"os"

	"genlab/lib/models/dalle"
)

// read gives a picture of a model's size, [size·size·channels] in [0, 1].
func read(path string, c dalle.DVAEConfig) ([]float32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	img, _, err := image.Decode(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b := img.Bounds()
	if b.Dx() != c.Size || b.Dy() != c.Size {
		return nil, fmt.Errorf("%s is %dx%d: it must be %dx%d, as the model's pictures", path, b.Dx(), b.Dy(), c.Size, c.Size)
	}
	var values []float32
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			p := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			values = append(values, float32(p.R)/255, float32(p.G)/255, float32(p.B)/255)
		}
	}
	return values, nil
}
