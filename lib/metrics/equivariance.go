package metrics

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// Equivariance measures how exactly a generator's pictures move and turn when its input does (Karras et al., "Alias-free generative
// adversarial networks", 2021, appendix E): the ratio of the signal's largest square to the mean squared difference from the picture that is
// moved or turned itself, in dB, over the part that both see.
type Equivariance struct {
	Size, Channels int
	// Make makes n pictures, always the same ones, [size, size, channels] flat with values of about [0, 1], moved to the right and down by x and
	// y, in parts of the size, or turned by angle, in radians against the clock as the picture is seen.
	Make func(ctx context.Context, batch, n int, x, y, angle float64) ([][]float32, error)
}

// EQ is what is measured, in dB: EQ-T of whole and of any shifts, and EQ-R.
type EQ struct{ Shift, FractionalShift, Turn float64 }

// Measure measures batches·n pictures; each batch is shifted by up to an eighth of the size either way and turned by any angle.
func (e Equivariance) Measure(ctx context.Context, batches, n int, seed uint64) (EQ, error) {
	if batches < 1 || n < 1 {
		return EQ{}, fmt.Errorf("batches, n are %d, %d: they must be at least 1", batches, n)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	var sums [3]seen
	size := float64(e.Size)
	for b := range batches {
		plain, err := e.Make(ctx, b, n, 0, 0, 0)
		if err != nil {
			return EQ{}, err
		}
		shift := func() float64 { return (2*rng.Float64() - 1) / 8 }
		x, y := math.Round(shift()*size)/size, math.Round(shift()*size)/size
		if err := e.compare(ctx, &sums[0], b, plain, x, y, 0); err != nil {
			return EQ{}, err
		}
		if err := e.compare(ctx, &sums[1], b, plain, shift(), shift(), 0); err != nil {
			return EQ{}, err
		}
		if err := e.compare(ctx, &sums[2], b, plain, 0, 0, (2*rng.Float64()-1)*math.Pi); err != nil {
			return EQ{}, err
		}
	}
	return EQ{sums[0].dB(), sums[1].dB(), sums[2].dB()}, nil
}

// compare holds pictures made moved or turned against plain ones moved or turned.
func (e Equivariance) compare(ctx context.Context, into *seen, batch int, plain [][]float32, x, y, angle float64) error {
	made, err := e.Make(ctx, batch, len(plain), x, y, angle)
	if err != nil {
		return err
	}
	if len(made) != len(plain) {
		return fmt.Errorf("the generator made %d pictures, %d before: it must make as many", len(made), len(plain))
	}
	var forth, back *affine
	if angle != 0 {
		forth, back = newAffine(angle), newPseudo(angle)
	}
	for i, p := range plain {
		for c := range e.Channels {
			from, to := e.plane(p, c), e.plane(made[i], c)
			if angle == 0 {
				moved, inside := from.shifted(x*float64(e.Size), y*float64(e.Size))
				into.add(moved, to, inside)
				continue
			}
			turned, inside := forth.apply(from)
			blurred, whole := back.filtered(to)
			for k := range inside {
				inside[k] = inside[k] && whole[k]
			}
			into.add(turned, blurred, inside)
		}
	}
	return nil
}

// seen sums squared differences.
type seen struct{ squares, n float64 }

func (s *seen) add(a, b plane, inside []bool) {
	for i, in := range inside {
		if in {
			d := a.values[i] - b.values[i]
			s.squares += d * d
			s.n++
		}
	}
}

// dB is the ratio for values of [0, 1].
func (s *seen) dB() float64 { return -10 * math.Log10(s.squares/s.n) }

// plane is one channel of a picture, row by row.
type plane struct {
	size   int
	values []float64
}

func (e Equivariance) plane(picture []float32, channel int) plane {
	p := plane{e.Size, make([]float64, e.Size*e.Size)}
	for i := range p.values {
		p.values[i] = float64(picture[i*e.Channels+channel])
	}
	return p
}

// at is a value; 0 outside.
func (p plane) at(y, x int) float64 {
	if y < 0 || y >= p.size || x < 0 || x >= p.size {
		return 0
	}
	return p.values[y*p.size+x]
}

// lanczosReach is the number of lobes of the filters' windows.
const lanczosReach = 3

// shifted moves the picture to the right and down by whole values exactly, else by Lanczos' filter, and says which places it knows (E.1, E.2).
func (p plane) shifted(x, y float64) (plane, []bool) {
	moved, inside := plane{p.size, make([]float64, len(p.values))}, make([]bool, len(p.values))
	whole := x == math.Trunc(x) && y == math.Trunc(y)
	ix, iy := int(math.Floor(x)), int(math.Floor(y))
	across, down := lanczos(x-math.Floor(x)), lanczos(y-math.Floor(y))
	if whole {
		across, down = map[int]float64{0: 1}, map[int]float64{0: 1}
	}
	low, high := lanczosReach-1, lanczosReach // places before and after that the filter needs
	if whole {
		low, high = 0, 0
	}
	for row := range p.size {
		for column := range p.size {
			sum := 0.0
			for dy, wy := range down {
				for dx, wx := range across {
					sum += wy * wx * p.at(row-iy-dy, column-ix-dx)
				}
			}
			at := row*p.size + column
			moved.values[at] = sum
			inside[at] = row >= max(iy+high, 0) && row < p.size+min(iy-low, 0) && column >= max(ix+high, 0) && column < p.size+min(ix-low, 0)
		}
	}
	return moved, inside
}

// lanczos are the weights by which a value moves on by part of one: by how far.
func lanczos(part float64) map[int]float64 {
	w, sum := map[int]float64{}, 0.0
	for tap := 1 - lanczosReach; tap <= lanczosReach; tap++ {
		at := float64(tap) - part
		w[tap] = sinc(at) * sinc(at/lanczosReach)
		sum += w[tap]
	}
	for tap := range w {
		w[tap] /= sum
	}
	return w
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}
