package metrics

import (
	"fmt"
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
