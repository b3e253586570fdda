package viz

import (
	"fmt"
	"image"
)

// Plain is a single picture pixel for pixel, with nothing around it.
func Plain(im Images) image.Image {
	im, err := im.sized()
	if err == nil && len(im.Pixels) != 1 {
		err = fmt.Errorf("viz: %d images to draw plainly: there must be one", len(im.Pixels))
	}
	if err != nil {
		return fail(err)
	}
	c := image.NewRGBA(image.Rect(0, 0, im.Width, im.Height))
	im.draw(c, 0, image.Point{}, 1)
	return c
}
