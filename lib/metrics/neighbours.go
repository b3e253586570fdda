package metrics

import (
	"fmt"
	"math"
	"slices"
)

// Neighbours tells the class of each query by the k known examples nearest to it, each with one vote; of classes with as many votes the
// smallest wins, and of examples as near the first, as in scikit-learn's KNeighborsClassifier by brute force.
// known, queries: [examples, features], classes: those of known, at least 0.
func Neighbours(known [][]float32, classes []int, queries [][]float32, k int) ([]int, error) {
	if err := checkFeatures(known, known); err != nil {
		return nil, err
	}
	if err := checkFeatures(known, append([][]float32{known[0], known[0]}, queries...)); err != nil {
		return nil, err
	}
	if len(classes) != len(known) {
		return nil, fmt.Errorf("metrics: there are %d classes for %d examples: there must be one for each", len(classes), len(known))
	}
	if slices.Min(classes) < 0 {
		return nil, fmt.Errorf("metrics: a class is %d: it must be at least 0", slices.Min(classes))
	}
	if k < 1 || k > len(known) {
		return nil, fmt.Errorf("metrics: k is %d: it must be 1 to %d, the number of examples", k, len(known))
	}
	most := slices.Max(classes) + 1
	told := make([]int, len(queries))
	parallel(len(queries), func(i int) {
		type neighbour struct {
			distance float32
			class    int
		}
		near := make([]neighbour, 0, k+1)
		for j, example := range known {
			d := squaredDistance(queries[i], example)
			if len(near) == k && d >= near[k-1].distance {
				continue
			}
			at, _ := slices.BinarySearchFunc(near, d, func(n neighbour, d float32) int {
				if n.distance <= d { // after those as near
					return -1
				}
				return 1
			})
			near = slices.Insert(near, at, neighbour{d, classes[j]})
			near = near[:min(len(near), k)]
		}
		votes := make([]int, most)
		for _, n := range near {
			votes[n.class]++
		}
		told[i] = slices.Index(votes, slices.Max(votes))
	})
	return told, nil
}

// Accuracy is the part of the classes that were told right.
func Accuracy(told, classes []int) (float64, error) {
	if len(told) != len(classes) || len(told) == 0 {
		return 0, fmt.Errorf("metrics: %d classes were told of %d: there must be as many, and at least 1", len(told), len(classes))
	}
	right := 0
	for i, c := range told {
		if c == classes[i] {
			right++
		}
	}
	return float64(right) / float64(len(told)), nil
}

// Nearest finds the known example that is nearest to each query, the first of those as near, and how far it is.
// known, queries: [examples, features].
func Nearest(known, queries [][]float32) (places []int, distances []float64, err error) {
	if len(known) == 0 || len(queries) == 0 {
		return nil, nil, fmt.Errorf("metrics: there are %d known examples and %d queries: there must be at least 1 of each", len(known), len(queries))
	}
	for _, set := range [][][]float32{known, queries} {
		for i, e := range set {
			if len(e) != len(known[0]) {
				return nil, nil, fmt.Errorf("metrics: example %d has %d features: it must have %d, as the first", i, len(e), len(known[0]))
			}
		}
	}
	places, distances = make([]int, len(queries)), make([]float64, len(queries))
	parallel(len(queries), func(i int) {
		best := float32(math.Inf(1))
		for j, example := range known {
			if d := squaredDistance(queries[i], example); d < best {
				best, places[i] = d, j
			}
		}
		distances[i] = math.Sqrt(float64(best))
	})
	return places, distances, nil
}
