package images

import (
	"math"
	"sync"
)

// Resize makes a picture larger or smaller by the triangle filter, widened when it shrinks: Pillow's BILINEAR, which is what
// torchvision.transforms.Resize does. dst: [height, width, channels], src: [srcHeight, srcWidth, channels].
func Resize(dst []byte, height, width int, src []byte, srcHeight, srcWidth, channels int) {
	if height == srcHeight && width == srcWidth {
		copy(dst, src)
		return
	}
	stride := srcWidth * channels
	resample(dst, axis{srcHeight, height, 0, height}, axis{srcWidth, width, 0, width}, channels, func(y int) []byte { return src[y*stride : (y+1)*stride] })
}

// axis is one of a picture's two: its pixels, those that it is resized to, and which of these are wanted.
type axis struct{ from, to, first, count int }

// middle resizes an axis as torchvision's Resize and CenterCrop do: the shorter one to size, this one with it, and then its middle.
func middle(from, shorter, size int) axis {
	to := int(float64(size*from) / float64(shorter))
	return axis{from, to, int(math.RoundToEven(float64(to-size) / 2)), size}
}

// scale is how many of the axis's pixels become one.
func (a axis) scale() float64 { return float64(a.from) / float64(a.to) }

// lines is about how many of the axis's pixels the wanted ones are made of.
func (a axis) lines() int64 {
	return min(int64(a.from), int64(a.scale()*float64(a.count)+2*max(a.scale(), 1))+2)
}

// weights is about the memory that the filter of the axis takes, in bytes.
func (a axis) weights() int64 { return int64(4 * float64(a.count) * (2*max(a.scale(), 1) + 2)) }

// resample makes a picture of the lines of another, which it asks for once each, in order. dst: [y.count, x.count, channels]; a line:
// [x.from, channels].
func resample(dst []byte, y, x axis, channels int, line func(y int) []byte) {
	columns, lines := filterFor(x), filterFor(y)
	lowest, highest := lines[0].from, lines[len(lines)-1].from+len(lines[len(lines)-1].weights)
	stride := x.count * channels
	rows := make([]byte, (highest-lowest)*stride)
	for at := lowest; at < highest; at++ {
		from, out := line(at), rows[(at-lowest)*stride:(at-lowest+1)*stride]
		if x.from == x.to {
			copy(out, from[x.first*channels:])
			continue
		}
		for i, tap := range columns {
			for c := range channels {
				var sum float32
				for k, w := range tap.weights {
					sum += w * float32(from[(tap.from+k)*channels+c])
				}
				out[i*channels+c] = byte(sum + 0.5)
			}
		}
	}
	if y.from == y.to {
		copy(dst, rows)
		return
	}
	sums := make([]float32, stride)
	for i, tap := range lines {
		clear(sums)
		for k, w := range tap.weights {
			from := rows[(tap.from-lowest+k)*stride : (tap.from-lowest+k+1)*stride]
			for j, v := range from {
				sums[j] += w * float32(v)
			}
		}
		out := dst[i*stride : (i+1)*stride]
		for j, v := range sums {
			out[j] = byte(v + 0.5)
		}
	}
}

// tap is what one pixel is made of: a run of the source's pixels, with weights of sum 1.
type tap struct {
	from    int
	weights []float32
}

var filters sync.Map // axis to []tap

func filterFor(a axis) []tap {
	if f, ok := filters.Load(a); ok {
		return f.([]tap)
	}
	f := newFilter(a)
	if a.from <= 256 { // photos come in any size: theirs would pile up
		filters.Store(a, f)
	}
	return f
}

func newFilter(a axis) []tap {
	scale := a.scale()
	support := max(scale, 1)
	taps := make([]tap, a.count)
	for i := range taps {
		centre := (float64(a.first+i) + 0.5) * scale
		lo := max(0, int(centre-support+0.5))
		hi := min(a.from, int(centre+support+0.5))
		weights := make([]float32, hi-lo)
		var sum float64
		for k := range weights {
			w := max(0, 1-abs((float64(lo+k)+0.5-centre)/support))
			weights[k] = float32(w)
			sum += w
		}
		for k := range weights {
			weights[k] = float32(float64(weights[k]) / sum)
		}
		taps[i] = tap{lo, weights}
	}
	return taps
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
