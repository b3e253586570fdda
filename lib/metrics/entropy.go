package metrics

import (
	"fmt"
	"math"
)

// ClassCounts counts how often each class is among labels.
func ClassCounts(labels []int, classes int) ([]int, error) {
	counts := make([]int, classes)
	for i, l := range labels {
		if l < 0 || l >= classes {
			return nil, fmt.Errorf("metrics: label %d is %d: it must be 0 to %d", i, l, classes-1)
		}
		counts[l]++
	}
	return counts, nil
}

// Entropy is that of the distribution which counts stand for, in nats: log(classes) when all are equal, 0 when there is but one. A
// GAN whose modes have collapsed shows here.
func Entropy(counts []int) float64 {
	total := 0
	for _, c := range counts {
		total += c
	}
	var h float64
	for _, c := range counts {
		if c > 0 {
			p := float64(c) / float64(total)
			h -= p * math.Log(p)
		}
	}
	return h
}
