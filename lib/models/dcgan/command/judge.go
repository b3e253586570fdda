package command

import (
	"context"
	"fmt"

	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/metrics"
	"genlab/lib/models/classifier"
	"genlab/lib/train"
)

// judge measures pictures of digits against the test set, by a classifier's features.
type judge struct {
	classifier *classifier.Model
	size       int // of the pictures
	real       [][]float32
}

// newJudge sees the test digits as a model sees them: made larger to its size, then small again.
func newJudge(ctx context.Context, run string, size int) (*judge, error) {
	c, err := classifier.Open(run)
	if err != nil {
		return nil, err
	}
	digits, err := mnist.Load(mnist.Config{})
	if err != nil {
		return nil, err
	}
	set, err := images.MNIST(digits.Test, size)
	if err != nil {
		return nil, err
	}
	pictures, err := set.Floats(0, set.Len())
	if err != nil {
		return nil, err
	}
	j := &judge{classifier: c, size: size}
	j.real, _, err = j.look(ctx, pictures)
	return j, err
}

// look makes pictures as small as the classifier takes them, and gives their features and classes.
func (j *judge) look(ctx context.Context, pictures [][]float32) ([][]float32, []int, error) {
	to := j.classifier.Config.Size
	small := make([][]float32, len(pictures))
	src, dst := make([]byte, j.size*j.size), make([]byte, to*to)
	for i, p := range pictures {
		if len(p) != len(src) {
			return nil, nil, fmt.Errorf("picture %d has %d values: it must have %d, grey, %d high and wide", i, len(p), len(src), j.size)
		}
		for k, v := range p {
			src[k] = byte(255*min(max(v, 0), 1) + 0.5)
		}
		images.Resize(dst, to, to, src, j.size, j.size, 1)
		small[i] = make([]float32, len(dst))
		for k, v := range dst {
			small[i][k] = float32(v) / 255
		}
	}
	return j.classifier.Features(ctx, small)
}

// measure measures pictures. entropy and missing are of the classes that the classifier sees in the first 1000.
func (j *judge) measure(ctx context.Context, made [][]float32) ([]train.Metric, error) {
	features, classes, err := j.look(ctx, made)
	if err != nil {
		return nil, err
	}
	distance, err := metrics.Frechet(j.real, features)
	if err != nil {
		return nil, err
	}
	precision, recall, err := metrics.PrecisionRecall(j.real[:min(2000, len(j.real))], features, 3)
	if err != nil {
		return nil, err
	}
	counts, err := metrics.ClassCounts(classes[:min(1000, len(classes))], j.classifier.Config.Classes)
	if err != nil {
		return nil, err
	}
	missing := 0
	for _, c := range counts {
		if c == 0 {
			missing++
		}
	}
	return []train.Metric{
		{Name: "frechet", Value: distance},
		{Name: "precision", Value: precision},
		{Name: "recall", Value: recall},
		{Name: "entropy", Value: metrics.Entropy(counts)},
		{Name: "missing", Value: float64(missing)},
	}, nil
}
