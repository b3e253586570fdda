// Package points gives points on a line and in a plane, from densities that one can draw: toys on which a generative model shows what
// it does.
package points

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// Mixture is a mixture of round Gaussians, all of one weight.
type Mixture struct {
	Centres [][]float64 // [modes, dimensions]
	Std     float64     // of each Gaussian
}

// Line has modes on a line, at the given places.
func Line(std float64, places ...float64) Mixture {
	m := Mixture{Std: std}
	for _, x := range places {
		m.Centres = append(m.Centres, []float64{x})
	}
	return m
}

// Ring has n modes on a circle, the picture on which mode collapse is shown (Metz et al., "Unrolled generative adversarial networks",
// 2016, section 3.1).
func Ring(n int, radius, std float64) Mixture {
	m := Mixture{Std: std}
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		m.Centres = append(m.Centres, []float64{radius * math.Cos(angle), radius * math.Sin(angle)})
	}
	return m
}

// Dims is the number of dimensions.
func (m Mixture) Dims() int { return len(m.Centres[0]) }

// Draw gives n points: [n, dimensions]. The seed and the stream decide which.
func (m Mixture) Draw(n int, seed, stream uint64) [][]float32 {
	rng := rand.New(rand.NewPCG(seed, stream))
	list := make([][]float32, n)
	for i := range list {
		centre := m.Centres[rng.IntN(len(m.Centres))]
		list[i] = make([]float32, len(centre))
		for k, c := range centre {
			list[i][k] = float32(c + m.Std*rng.NormFloat64())
		}
	}
	return list
}

// Density is that of the mixture at x.
func (m Mixture) Density(x ...float64) float64 {
	var sum float64
	norm := math.Pow(2*math.Pi*m.Std*m.Std, -float64(len(x))/2) / float64(len(m.Centres))
	for _, centre := range m.Centres {
		var square float64
		for k, c := range centre {
			square += (x[k] - c) * (x[k] - c)
		}
		sum += norm * math.Exp(-square/(2*m.Std*m.Std))
	}
	return sum
}

// Modes counts, for each mode, the points that lie within three standard deviations of it.
func (m Mixture) Modes(points [][]float32) []int {
	counts := make([]int, len(m.Centres))
	for _, p := range points {
		for i, centre := range m.Centres {
			var square float64
			for k, c := range centre {
				square += (float64(p[k]) - c) * (float64(p[k]) - c)
			}
			if square <= 9*m.Std*m.Std {
				counts[i]++
				break
			}
		}
	}
	return counts
}

// Histogram estimates the density of points on a line: the middles of equal bins from one place to another, and the density in each.
func Histogram(points [][]float32, from, to float64, bins int) (x, density []float64) {
	x, density = make([]float64, bins), make([]float64, bins)
	width := (to - from) / float64(bins)
	for i := range x {
		x[i] = from + (float64(i)+0.5)*width
	}
	for _, p := range points {
		if i := int(math.Floor((float64(p[0]) - from) / width)); i >= 0 && i < bins {
			density[i] += 1 / (width * float64(len(points)))
		}
	}
	return x, density
}

// Batches gives endless fresh points, n an epoch. It has the methods of train.Dataset.
type Batches struct {
	Mixture Mixture
	Size    int // points a batch
	Each    int // batches an epoch
	Seed    uint64
}

// Steps is the number of batches an epoch.
func (b Batches) Steps() int { return b.Each }

// Identity says what the data is, for the run that trains on it.
func (b Batches) Identity() (map[string]any, error) {
	return map[string]any{
		"kind": "mixture", "centres": b.Mixture.Centres, "std": b.Mixture.Std, "batch": b.Size, "steps": b.Each, "seed": b.Seed,
	}, nil
}

// Batch gives points float32 [Size, dimensions]. They depend on nothing but the seed, epoch and step.
func (b Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if b.Size < 1 || len(b.Mixture.Centres) == 0 {
		return nil, fmt.Errorf("points: Size is %d, and the mixture has %d modes: there must be at least 1 of each", b.Size, len(b.Mixture.Centres))
	}
	return []*tensors.Tensor{tensors.FromValue(b.Mixture.Draw(b.Size, b.Seed, uint64(epoch)<<32|uint64(step)))}, nil
}
