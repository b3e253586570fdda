package metrics

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// PrecisionRecall is how many of the made examples lie among the real ones (precision: quality), and how many of the real lie among
// the made (recall: variety). An example lies among others when it is as near to one of them as that one's k-th neighbour is
// (Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", 2019, equations 1 and 2; k is 3
// there). real, made: [examples, features].
func PrecisionRecall(real, made [][]float32, k int) (precision, recall float64, err error) {
	if err := checkFeatures(real, made); err != nil {
		return 0, 0, err
	}
	if least := min(len(real), len(made)); k < 1 || k >= least {
		return 0, 0, fmt.Errorf("metrics: k is %d with %d examples: it must be 1 to %d", k, least, least-1)
	}
	return within(made, real, k), within(real, made, k), nil
}

// within is the part of points that lie in the balls around centres.
func within(points, centres [][]float32, k int) float64 {
	radii := make([]float32, len(centres))
	parallel(len(centres), func(i int) {
		near := make([]float32, 0, k+2) // the k+1 nearest, itself first
		for _, other := range centres {
			d := squaredDistance(centres[i], other)
			if len(near) == k+1 && d >= near[k] {
				continue
			}
			at, _ := slices.BinarySearch(near, d)
			near = slices.Insert(near, at, d)
			near = near[:min(len(near), k+1)]
		}
		radii[i] = near[k]
	})
	inside := make([]bool, len(points))
	parallel(len(points), func(i int) {
		for j, centre := range centres {
			if squaredDistance(points[i], centre) <= radii[j] {
				inside[i] = true
				return
			}
		}
	})
	n := 0
	for _, in := range inside {
		if in {
			n++
		}
	}
	return float64(n) / float64(len(points))
}

func squaredDistance(a, b []float32) float32 {
	var sum float32
	for i, v := range a {
		d := v - b[i]
		sum += d * d
	}
	return sum
}

// parallel calls each for 0..n-1, on all processors.
func parallel(n int, each func(int)) {
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < n; i += workers {
				each(i)
			}
		})
	}
	group.Wait()
}
