package augment

import (
	"context"

	"genlab/lib/metrics"
)

// Nearest are made pictures beside those that they are likest to, among the few that their maker learned from: a maker that copies adds
// nothing new.
type Nearest struct {
	Made Pictures
	// Distances are from each made picture to the nearest of its class that the maker learned from, Euclidean, in values of 0 to 1; Held
	// those from test pictures, which nobody learned from. Copies are much nearer than Held.
	Distances, Held []float64

	few    Pictures
	places []int // of each made picture's nearest
}

// Nearest compares what a cell's maker makes with what it learned from.
func (c PictureConfig) Nearest(ctx context.Context, cell Cell, learn, test Pictures) (Nearest, error) {
	made, err := c.Make(ctx, cell, learn)
	if err != nil {
		return Nearest{}, err
	}
	n := Nearest{Made: made, few: learn.Scarce(cell.PerClass, uint64(cell.Seed)), Distances: make([]float64, len(made.Pixels)), places: make([]int, len(made.Pixels))}
	for class := range made.Classes {
		known, queries, held := n.few.Of(class), made.Of(class), test.Of(class)
		if len(queries) == 0 {
			continue
		}
		places, distances, err := metrics.Nearest(n.few.at(known).Pixels, made.at(queries).Pixels)
		if err != nil {
			return n, err
		}
		for i, q := range queries {
			n.places[q], n.Distances[q] = known[places[i]], distances[i]
		}
		if len(held) > 0 {
			_, distances, err := metrics.Nearest(n.few.at(known).Pixels, test.at(held).Pixels)
			if err != nil {
				return n, err
			}
			n.Held = append(n.Held, distances...)
		}
	}
	return n, nil
}

// Rows are some made pictures, and the nearest of each.
func (n Nearest) Rows(places []int) (made, nearest [][]float32) {
	for _, i := range places {
		made, nearest = append(made, n.Made.Pixels[i]), append(nearest, n.few.Pixels[n.places[i]])
	}
	return made, nearest
}
