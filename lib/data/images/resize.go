package images

import "sync"

// Resize makes a picture larger or smaller by the triangle filter, widened when it shrinks: Pillow's BILINEAR, which is what
// torchvision.transforms.Resize does. dst: [height, width, channels], src: [srcHeight, srcWidth, channels].
func Resize(dst []byte, height, width int, src []byte, srcHeight, srcWidth, channels int) {
	if height == srcHeight && width == srcWidth {
		copy(dst, src)
		return
	}
	rows := make([]byte, srcHeight*width*channels)
	columns := filterFor(srcWidth, width)
	for y := range srcHeight {
		line := src[y*srcWidth*channels : (y+1)*srcWidth*channels]
		out := rows[y*width*channels : (y+1)*width*channels]
		for x, tap := range columns {
			for c := range channels {
				var sum float32
				for k, w := range tap.weights {
					sum += w * float32(line[(tap.from+k)*channels+c])
				}
				out[x*channels+c] = byte(sum + 0.5)
			}
		}
	}
	stride := width * channels
	sums := make([]float32, stride)
	for y, tap := range filterFor(srcHeight, height) {
		clear(sums)
		for k, w := range tap.weights {
			line := rows[(tap.from+k)*stride : (tap.from+k+1)*stride]
			for x, v := range line {
				sums[x] += w * float32(v)
			}
		}
		out := dst[y*stride : (y+1)*stride]
		for x, v := range sums {
			out[x] = byte(v + 0.5)
		}
	}
}

// tap is what one pixel is made of: a run of the source's pixels, with weights of sum 1.
type tap struct {
	from    int
	weights []float32
}

var filters sync.Map // [2]int{from, to} to []tap

func filterFor(from, to int) []tap {
	key := [2]int{from, to}
	if f, ok := filters.Load(key); ok {
		return f.([]tap)
	}
	f := newFilter(from, to)
	if from <= 256 { // photos come in any size: theirs would pile up
		filters.Store(key, f)
	}
	return f
}

func newFilter(from, to int) []tap {
	scale := float64(from) / float64(to)
	support := max(scale, 1)
	taps := make([]tap, to)
	for i := range taps {
		centre := (float64(i) + 0.5) * scale
		lo := max(0, int(centre-support+0.5))
		hi := min(from, int(centre+support+0.5))
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
