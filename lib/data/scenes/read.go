package scenes

import "slices"

// nothing marks a pixel of the ground.
const nothing Colour = -1

// Read finds the things in a picture, [size·size·3] in [0, 1]: pieces of one colour, each of the shape that fits best. A piece that fits
// none well has shape -1; one of a few pixels isn't counted.
func Read(picture []float32, size int) []Placed {
	seen := make([]Colour, size*size)
	for i := range seen {
		seen[i] = colourOf(picture[3*i : 3*i+3])
	}
	least := 6 * size / 32 * size / 32 // pixels of a piece
	var all []Placed
	for _, piece := range pieces(seen, size) {
		if len(piece) >= least {
			all = append(all, bounds(seen, piece, size))
		}
	}
	var list []Placed
	for _, p := range all {
		// What shows through a ring is a piece of what the ring lies in.
		if !slices.ContainsFunc(all, func(o Placed) bool { return o.Colour == p.Colour && Inside.holds([]Placed{p, o}, 0) }) {
			list = append(list, p)
		}
	}
	for i := range list {
		list[i].Shape = shapeOf(seen, size, list, i)
	}
	return list
}

// colourOf is the colour nearest in hue; a pixel that is too dark is ground.
func colourOf(rgb []float32) Colour {
	top := max(rgb[0], rgb[1], rgb[2])
	if top < 0.45 {
		return nothing
	}
	best, least := nothing, float32(0)
	for c, p := range palette {
		most := max(p[0], p[1], p[2])
		var off float32
		for i := range 3 {
			d := rgb[i]/top - p[i]/most
			off += d * d
		}
		if best == nothing || off < least {
			best, least = Colour(c), off
		}
	}
	return best
}

// pieces are the places of each connected piece of one colour, corners count as connected.
func pieces(seen []Colour, size int) [][]int {
	done := make([]bool, len(seen))
	var list [][]int
	for start, colour := range seen {
		if colour == nothing || done[start] {
			continue
		}
		done[start] = true
		piece := []int{start}
		for i := 0; i < len(piece); i++ {
			y, x := piece[i]/size, piece[i]%size
			for ny := max(y-1, 0); ny <= min(y+1, size-1); ny++ {
				for nx := max(x-1, 0); nx <= min(x+1, size-1); nx++ {
					if at := ny*size + nx; !done[at] && seen[at] == colour {
						done[at] = true
						piece = append(piece, at)
					}
				}
			}
		}
		list = append(list, piece)
	}
	return list
}

// fit is the least share of a square's pixels that must be as a shape has them.
const fit = 0.8

// bounds are a piece's square, whose shape isn't known yet.
func bounds(seen []Colour, piece []int, size int) Placed {
	top, left, bottom, right := size, size, 0, 0
	for _, at := range piece {
		top, left, bottom, right = min(top, at/size), min(left, at%size), max(bottom, at/size), max(right, at%size)
	}
	p := Placed{Thing{Small, seen[piece[0]], -1}, left, top, max(bottom-top, right-left) + 1}
	if p.Side > (small(size)+large(size))/2 {
		p.Size = Large
	}
	return p
}

// shapeOf compares a thing with each shape in its square; -1 fits none. What a thing inside covers says nothing.
func shapeOf(seen []Colour, size int, all []Placed, which int) Shape {
	p := all[which]
	covered := func(at int) bool {
		return slices.ContainsFunc(all, func(o Placed) bool {
			return o.Colour == seen[at] && o.Colour != p.Colour && Inside.holds([]Placed{o, p}, 0)
		})
	}
	found, best := Shape(-1), fit
	for shape := range shapes {
		same, compared := 0, 0
		for y := range p.Side {
			for x := range p.Side {
				row, column := p.Y+y, p.X+x
				inside := row < size && column < size
				if inside && seen[row*size+column] != p.Colour && covered(row*size+column) {
					continue
				}
				compared++
				if (inside && seen[row*size+column] == p.Colour) == shape.covers(x, y, p.Side) {
					same++
				}
			}
		}
		if share := float64(same) / float64(compared); share > best {
			found, best = shape, share
		}
	}
	return found
}

// Obeyed says whether a picture, [size·size·3], shows what the scene says, and nothing else.
func (s Scene) Obeyed(picture []float32, size int) bool {
	found := Read(picture, size)
	var wanted []Thing
	for _, t := range s.Things {
		for range s.Count {
			wanted = append(wanted, t)
		}
	}
	if len(found) != len(wanted) {
		return false
	}
	var order []Placed // the things found, in the order of those wanted
	for _, w := range wanted {
		at := slices.IndexFunc(found, func(p Placed) bool {
			return p.Colour == w.Colour && p.Shape == w.Shape && (w.Size == AnySize || p.Size == w.Size)
		})
		if at < 0 {
			return false
		}
		order = append(order, found[at])
		found = slices.Delete(found, at, at+1)
	}
	return s.Relation.holds(order, 0)
}
