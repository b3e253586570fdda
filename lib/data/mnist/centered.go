package mnist

import "math"

// Centered prepares a drawing, [side, side] from 0 to 1, as MNIST's digits were: its longer side scaled to 20 of 28 pixels, its
// centre of mass in the middle (LeCun et al., "Gradient-based learning applied to document recognition", 1998, section III.A). An
// empty drawing stays empty. Drawings of other sizes are scaled alike: box is 20/28 of side.
func Centered(drawing []float32) []float32 {
	side := int(math.Round(math.Sqrt(float64(len(drawing)))))
	out := make([]float32, len(drawing))
	if side*side != len(drawing) {
		return out
	}
	left, right, top, bottom := side, -1, side, -1
	var mass, cx, cy float64
	for y := range side {
		for x := range side {
			v := float64(drawing[y*side+x])
			if v <= 0 {
				continue
			}
			left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
			mass += v
			cx += v * (float64(x) + 0.5)
			cy += v * (float64(y) + 0.5)
		}
	}
	if mass == 0 {
		return out
	}
	cx, cy = cx/mass, cy/mass
	scale := float64(max(right-left, bottom-top)+1) / (float64(side) * 20 / 28) // source pixels a pixel
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= side || y >= side {
			return 0
		}
		return float64(drawing[y*side+x])
	}
	for y := range side {
		for x := range side {
			sx := (float64(x)+0.5-float64(side)/2)*scale + cx - 0.5
			sy := (float64(y)+0.5-float64(side)/2)*scale + cy - 0.5
			x0, y0 := int(math.Floor(sx)), int(math.Floor(sy))
			fx, fy := sx-float64(x0), sy-float64(y0)
			out[y*side+x] = float32((1-fy)*((1-fx)*at(x0, y0)+fx*at(x0+1, y0)) + fy*((1-fx)*at(x0, y0+1)+fx*at(x0+1, y0+1)))
		}
	}
	return out
}
