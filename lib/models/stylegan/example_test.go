package stylegan_test

import (
	"context"
	"fmt"

	"genlab/lib/models/stylegan"
)

// A generator draws pictures, moved by an eighth of their size.
func Example() {
	ctx := context.Background()
	m, err := stylegan.New(stylegan.Tiny(), 1) // untrained; stylegan.Open opens a run, stylegan.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := m.Noise(ctx, 3, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	pictures, err := m.Generate(ctx, stylegan.Points{Z: z}, stylegan.Look{X: 0.125})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(pictures), "pictures of", len(pictures[0]), "pixels")
	// Output: 3 pictures of 256 pixels
}
