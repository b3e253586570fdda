package metrics

import "math"

// affine turns pictures with a filter whose band is what both the picture and the turned one can carry (Karras et al. 2021, appendix E.3).
type affine struct {
	angle  float64
	up     int // the filter has so many taps a value
	filter []float64
	side   int
}

// The filter's sums run over aroundReach values to either side, its taps over turnReach.
const (
	aroundReach = 64
	turnReach   = 2 * lanczosReach
	turnUp      = 4
)

// newAffine turns a picture by an angle.
func newAffine(angle float64) *affine {
	f, side := bandlimit(angle, turnUp)
	return &affine{angle, turnUp, f, side}
}

// newPseudo gives a picture, unturned, the band that turning one by the angle back would leave.
func newPseudo(angle float64) *affine {
	f, side := bandlimit(-angle, 1)
	return &affine{angle, 1, f, side}
}

// bandlimit is the filter: the product, in frequencies, of the ideal low-pass filters of the picture and of the turned one, in the window that
// the two Lanczos windows make alike.
func bandlimit(angle float64, up int) (filter []float64, side int) {
	n := aroundReach*up*2 - 1
	sin, cos := math.Sincos(angle)
	plain, turned := make([]complex128, n*n), make([]complex128, n*n)
	window, other := make([]complex128, n*n), make([]complex128, n*n)
	tap := func(i int) float64 { // 0 first, then upwards, then from the least on
		if i > n/2 {
			i -= n
		}
		return float64(i) / float64(up)
	}
	for i := range n {
		for j := range n {
			y, x := tap(i), tap(j)
			u, v := cos*x+sin*y, -sin*x+cos*y
			at := i*n + j
			plain[at], turned[at] = complex(sinc(x)*sinc(y), 0), complex(sinc(u)*sinc(v), 0)
			window[at], other[at] = complex(lobes(x)*lobes(y), 0), complex(lobes(u)*lobes(v), 0)
		}
	}
	f, w := convolved(plain, turned, n), convolved(window, other, n)

	side = 2*turnReach*up - 1
	half := side / 2
	filter = make([]float64, side*side)
	wrap := func(i int) int { return ((i-half)%n + n) % n }
	for i := range side {
		for j := range side {
			at := wrap(i)*n + wrap(j)
			filter[i*side+j] = f[at] * w[at]
		}
	}
	// Each of the up² parts that meet the values of a picture has the same sum.
	for i := range up {
		for j := range up {
			sum := 0.0
			for y := i; y < side; y += up {
				for x := j; x < side; x += up {
					sum += filter[y*side+x]
				}
			}
			for y := i; y < side; y += up {
				for x := j; x < side; x += up {
					filter[y*side+x] /= sum * float64(up*up)
				}
			}
		}
	}
	return filter, side
}

// lobes is Lanczos' window.
func lobes(x float64) float64 {
	if x = math.Abs(x) / lanczosReach; x < 1 {
		return sinc(x)
	}
	return 0
}

// convolved is the circular convolution of two n×n lists, which it changes.
func convolved(a, b []complex128, n int) []float64 {
	f := newTransform(n)
	f.forth(a)
	f.forth(b)
	for i := range a {
		a[i] *= b[i]
	}
	f.back(a)
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = real(v)
	}
	return out
}

// filtered is the picture through the filter at its own rate, and which places see nothing of what is outside.
func (a *affine) filtered(p plane) (plane, []bool) {
	out, inside := plane{p.size, make([]float64, len(p.values))}, make([]bool, len(p.values))
	half := a.side / 2
	for y := range p.size {
		for x := range p.size {
			sum := 0.0
			for i := range a.side {
				for j := range a.side {
					sum += a.filter[i*a.side+j] * p.at(y+half-i, x+half-j)
				}
			}
			at := y*p.size + x
			out.values[at] = sum
			inside[at] = min(y, x) >= half && max(y, x) < p.size-half
		}
	}
	return out, inside
}

// apply turns a picture: brought to up times its rate by the filter, then taken from where each place comes from, between values evenly.
func (a *affine) apply(p plane) (plane, []bool) {
	fine, n := a.raised(p)
	edge := a.side
	out, inside := plane{p.size, make([]float64, len(p.values))}, make([]bool, len(p.values))
	sin, cos := math.Sincos(a.angle)
	middle := float64(p.size-1) / 2
	first := float64(a.side/2 + a.up/2) // of the fine picture: the place of value 0
	for y := range p.size {
		for x := range p.size {
			dx, dy := float64(x)-middle, float64(y)-middle
			u := first + float64(a.up)*(middle+cos*dx-sin*dy)
			v := first + float64(a.up)*(middle+sin*dx+cos*dy)
			at := y*p.size + x
			out.values[at] = between(fine, n, v, u)
			row, column := int(math.RoundToEven(v)), int(math.RoundToEven(u))
			inside[at] = min(row, column) >= edge && max(row, column) < n-edge
		}
	}
	return out, inside
}

// raised is the picture at up times its rate, half a filter wider to either side, and its height and width. Each value is in the middle of
// those that it becomes.
func (a *affine) raised(p plane) ([]float64, int) {
	half := a.side / 2
	n := p.size*a.up + 2*half
	fine := make([]float64, n*n)
	gain := float64(a.up * a.up)
	for y := range p.size {
		for x := range p.size {
			v := p.values[y*p.size+x] * gain
			top, left := y*a.up+a.up/2, x*a.up+a.up/2
			for i := range min(a.side, n-top) {
				for j := range min(a.side, n-left) {
					fine[(top+i)*n+left+j] += v * a.filter[i*a.side+j]
				}
			}
		}
	}
	return fine, n
}

// between is the value of an n×n picture between four of its places; 0 outside.
func between(p []float64, n int, y, x float64) float64 {
	iy, ix := int(math.Floor(y)), int(math.Floor(x))
	fy, fx := y-float64(iy), x-float64(ix)
	at := func(i, j int) float64 {
		if i < 0 || i >= n || j < 0 || j >= n {
			return 0
		}
		return p[i*n+j]
	}
	return (1-fy)*((1-fx)*at(iy, ix)+fx*at(iy, ix+1)) + fy*((1-fx)*at(iy+1, ix)+fx*at(iy+1, ix+1))
}
