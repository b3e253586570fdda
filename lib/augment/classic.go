package augment

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Classic is how a picture is changed each time that it is shown: what it shows stays, where its pixels lie doesn't (Simard et al., "Best
// practices for convolutional neural networks applied to visual document analysis", 2003, section 2).
type Classic struct {
	Shift   float64 `json:"shift" help:"how far pictures move at most, in parts of their size"`
	Turn    float64 `json:"turn" help:"how far they turn at most, in degrees"`
	Zoom    float64 `json:"zoom" help:"how much larger or smaller they become at most, in parts"`
	Elastic float64 `json:"elastic" help:"how far their points wander apart, in pixels: the deviation of a smooth field"`
	Flip    bool    `json:"flip" help:"show half of them in the mirror: for pictures whose left and right mean the same"`
}

// DefaultClassic is for digits and X-rays alike: none of either stays what it is in the mirror.
func DefaultClassic() Classic { return Classic{Shift: 0.08, Turn: 12, Zoom: 0.1, Elastic: 0.7} }

func (c Classic) validate() error {
	for _, f := range []struct {
		name        string
		value, most float64
	}{{"shift", c.Shift, 1}, {"turn", c.Turn, 180}, {"zoom", c.Zoom, 0.9}, {"elastic", c.Elastic, 100}} {
		if !(f.value >= 0 && f.value <= f.most) {
			return fmt.Errorf("augment: %s is %g: it must be 0 to %g", f.name, f.value, f.most)
		}
	}
	return nil
}

// knots is how many random vectors along each side the elastic field goes smoothly through.
const knots = 5

// Change gives a changed copy of a picture, [size, size, channels]. Points that come from outside have the values of the edge.
func (c Classic) Change(picture []float32, size, channels int, r *rand.Rand) []float32 {
	uniform := func(most float64) float64 { return most * (2*r.Float64() - 1) }
	sin, cos := math.Sincos(uniform(c.Turn) * math.Pi / 180)
	zoom := math.Exp(uniform(math.Log1p(c.Zoom)))
	right, down := uniform(c.Shift)*float64(size), uniform(c.Shift)*float64(size)
	mirror := 1.0
	if c.Flip && r.Uint64()>>63 == 1 {
		mirror = -1
	}
	var field [2][knots * knots]float64
	for axis := range field {
		for k := range field[axis] {
			field[axis][k] = c.Elastic * r.NormFloat64()
		}
	}
	out := make([]float32, len(picture))
	middle := float64(size-1) / 2
	for y := range size {
		for x := range size {
			// Where the point comes from: the inverse of what is done to the picture.
			dx, dy := mirror*(float64(x)-middle)/zoom, (float64(y)-middle)/zoom
			fromX, fromY := middle+cos*dx-sin*dy-right, middle+sin*dx+cos*dy-down
			if c.Elastic > 0 {
				u, v := float64(x)/float64(size)*(knots-1), float64(y)/float64(size)*(knots-1)
				fromX += between(field[0][:], knots, 1, 0, u, v)
				fromY += between(field[1][:], knots, 1, 0, u, v)
			}
			for channel := range channels {
				out[(y*size+x)*channels+channel] = float32(between(picture, size, channels, channel, fromX, fromY))
			}
		}
	}
	return out
}

// between is a value among those of a grid [side, side, channels], by straight lines from the four around it.
func between[F float32 | float64](grid []F, side, channels, channel int, x, y float64) float64 {
	x, y = min(max(x, 0), float64(side-1)), min(max(y, 0), float64(side-1))
	left, top := min(int(x), max(side-2, 0)), min(int(y), max(side-2, 0))
	right, bottom := min(left+1, side-1), min(top+1, side-1)
	partX, partY := x-float64(left), y-float64(top)
	at := func(x, y int) float64 { return float64(grid[(y*side+x)*channels+channel]) }
	upper := at(left, top)*(1-partX) + at(right, top)*partX
	lower := at(left, bottom)*(1-partX) + at(right, bottom)*partX
	return upper*(1-partY) + lower*partY
}
