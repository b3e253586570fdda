package viz

import (
	"errors"
	"image"
	"image/draw"
)

// Stack sets pictures one under the other on one sheet.
func Stack(pictures ...image.Image) image.Image {
	if len(pictures) == 0 {
		return fail(errors.New("viz: no pictures to stack"))
	}
	var size image.Point
	for _, p := range pictures {
		if Err(p) != nil {
			return p
		}
		size = image.Pt(max(size.X, p.Bounds().Dx()), size.Y+p.Bounds().Dy())
	}
	c := image.NewRGBA(image.Rectangle{Max: size})
	fill(c, c.Bounds(), paper)
	y := 0
	for _, p := range pictures {
		draw.Draw(c, image.Rectangle{Min: image.Pt(0, y), Max: size}, p, p.Bounds().Min, draw.Src)
		y += p.Bounds().Dy()
	}
	return c
}
