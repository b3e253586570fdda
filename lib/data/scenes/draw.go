package scenes

import (
	"math"
	"math/rand/v2"
)

// Placed is a thing in a picture: Side pixels high and wide, its upper left corner at row Y and column X.
type Placed struct {
	Thing
	X, Y, Side int
}

// sides of things in a picture of so many pixels: odd, so that a shape has a middle.
func small(size int) int { return 7*size/32 | 1 }
func large(size int) int { return 11*size/32 | 1 }
func outer(size int) int { return 15*size/32 | 1 } // what has another inside

// step is what places are multiples of: as many pixels as a code is of. gap is the least room between things.
func step(size int) int { return size / 8 }
func gap(size int) int  { return size / 16 }

// Place gives the things of a scene places in a picture of size×size, drawn at random among those that the caption allows.
func (s Scene) Place(rng *rand.Rand, size int) []Placed {
	for {
		list := s.sized(rng, size)
		for i := range list {
			room := (size-list[i].Side)/step(size) + 1
			list[i].X, list[i].Y = rng.IntN(room)*step(size), rng.IntN(room)*step(size)
		}
		if s.Relation == Inside {
			list[0].X, list[0].Y = list[1].X+step(size), list[1].Y+step(size)
			return []Placed{list[1], list[0]} // what is inside is drawn last
		}
		if s.Relation.holds(list, gap(size)) && !touching(list, gap(size)) {
			return list
		}
	}
}

// sized chooses sizes where the caption leaves them open; things alike have one.
func (s Scene) sized(rng *rand.Rand, size int) []Placed {
	var list []Placed
	for _, t := range s.Things {
		if t.Size == AnySize {
			t.Size = Small + Size(rng.IntN(2))
			if s.Count > 2 || len(s.Things) > 2 {
				t.Size = Small
			}
		}
		side := small(size)
		if t.Size == Large {
			side = large(size)
		}
		for range s.Count {
			list = append(list, Placed{Thing: t, Side: side})
		}
	}
	if s.Relation == Inside {
		list[0].Size, list[0].Side, list[1].Size, list[1].Side = Small, small(size), Large, outer(size)
	}
	return list
}

// holds says whether the first thing stands to the second as the relation says, gap pixels apart at least: the way between their middles
// is longer in its direction than across.
func (r Relation) holds(list []Placed, gap int) bool {
	if r == None {
		return true
	}
	a, b := list[0], list[1]
	switch r {
	case RightOf, Below:
		a, b = b, a
	case Inside:
		return a.X >= b.X && a.Y >= b.Y && a.X+a.Side <= b.X+b.Side && a.Y+a.Side <= b.Y+b.Side && a.Side < b.Side
	}
	across, down := 2*(b.X-a.X)+b.Side-a.Side, 2*(b.Y-a.Y)+b.Side-a.Side
	if r == LeftOf || r == RightOf {
		return a.X+a.Side+gap <= b.X && max(down, -down) < across
	}
	return a.Y+a.Side+gap <= b.Y && max(across, -across) < down
}

func touching(list []Placed, gap int) bool {
	for i, a := range list {
		for _, b := range list[:i] {
			if a.X < b.X+b.Side+gap && b.X < a.X+a.Side+gap && a.Y < b.Y+b.Side+gap && b.Y < a.Y+a.Side+gap {
				return true
			}
		}
	}
	return false
}

// palette are the colours in red, green and blue, 0 to 1; the ground is black.
var palette = [colours][3]float32{
	Red: {0.90, 0.16, 0.16}, Green: {0.16, 0.75, 0.24}, Blue: {0.24, 0.32, 0.95},
	Yellow: {0.95, 0.87, 0.16}, Purple: {0.75, 0.24, 0.87}, White: {0.95, 0.95, 0.95},
}

// Draw gives a picture, [size·size·3] in [0, 1], row by row; later things cover earlier ones.
func Draw(things []Placed, size int) []float32 {
	picture := make([]float32, size*size*3)
	for _, t := range things {
		for y := range t.Side {
			for x := range t.Side {
				if t.Shape.covers(x, y, t.Side) {
					copy(picture[((t.Y+y)*size+t.X+x)*3:], palette[t.Colour][:])
				}
			}
		}
	}
	return picture
}

// covers says whether a shape in a square of side pixels covers one of them.
func (s Shape) covers(x, y, side int) bool {
	u, v := middle(x, side), middle(y, side)
	switch s {
	case Circle:
		return u*u+v*v <= 1
	case Triangle:
		return math.Abs(u) <= (v+1)/2
	case Star:
		return math.Sqrt(math.Abs(u))+math.Sqrt(math.Abs(v)) <= 1.1
	case Ring:
		return u*u+v*v <= 1 && u*u+v*v > 0.385
	case Cross:
		return min(math.Abs(u), math.Abs(v)) <= 0.34
	}
	return true
}

// middle is where a pixel's middle lies between the sides of the square, -1 to 1.
func middle(x, side int) float64 { return (2*float64(x)+1)/float64(side) - 1 }
