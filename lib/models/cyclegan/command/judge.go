package command

import (
	"context"
	"fmt"

	"genlab/lib/data/images"
	"genlab/lib/models/classifier"
	"genlab/lib/models/cyclegan"
	"genlab/lib/train"
)

// judge measures how many test digits keep their class when they are translated, and when they are translated back.
type judge struct {
	a, b     *images.Set
	ofA, ofB *classifier.Model // each knows one manner of digits
	number   int
}

// newJudge opens the runs of two classifiers.
func newJudge(a, b *images.Set, runA, runB string, number int) (*judge, error) {
	if len(a.Classes) == 0 || len(b.Classes) == 0 {
		return nil, fmt.Errorf("--classifier-a and --classifier-b: these pictures have no classes")
	}
	ofA, err := classifier.Open(runA)
	if err != nil {
		return nil, fmt.Errorf("--classifier-a: %w", err)
	}
	ofB, err := classifier.Open(runB)
	if err != nil {
		return nil, fmt.Errorf("--classifier-b: %w", err)
	}
	return &judge{a, b, ofA, ofB, min(number, a.Len(), b.Len())}, nil
}

// measure gives the parts of digits that keep their class: there, and there and back, from either kind.
func (j *judge) measure(ctx context.Context, m *cyclegan.Model) ([]train.Metric, error) {
	var list []train.Metric
	for _, way := range []struct {
		name             string
		set              *images.Set
		there            bool
		ofMade, ofReturn *classifier.Model
	}{{"a", j.a, true, j.ofB, j.ofA}, {"b", j.b, false, j.ofA, j.ofB}} {
		pictures, err := way.set.Floats(0, j.number)
		if err != nil {
			return nil, err
		}
		made, err := m.Translate(ctx, pictures, way.there)
		if err != nil {
			return nil, err
		}
		back, err := m.Translate(ctx, made, !way.there)
		if err != nil {
			return nil, err
		}
		for _, part := range []struct {
			name     string
			pictures [][]float32
			by       *classifier.Model
		}{{"kept_there_", made, way.ofMade}, {"kept_back_", back, way.ofReturn}} {
			_, classes, err := part.by.Features(ctx, part.pictures)
			if err != nil {
				return nil, err
			}
			right := 0
			for i, class := range classes {
				if class == way.set.Label(i) {
					right++
				}
			}
			list = append(list, train.Metric{Name: part.name + way.name, Value: float64(right) / float64(len(classes))})
		}
	}
	return list, nil
}
