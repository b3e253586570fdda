package gan_test

import (
	"context"
	"fmt"

	"genlab/lib/models/gan"
)

// A generator draws points; the same seed draws the same ones.
func Example() {
	ctx := context.Background()
	m, err := gan.New(gan.Default(), 1) // untrained; gan.Open opens a run, gan.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	points, err := m.Sample(ctx, 5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(points), "points of", len(points[0]), "numbers")
	// Output: 5 points of 2 numbers
}
