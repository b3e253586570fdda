package vae_test

import (
	"context"
	"fmt"

	"genlab/lib/models/vae"
)

// A picture becomes a few numbers, and they a picture.
func Example() {
	ctx := context.Background()
	m, err := vae.New(vae.Default(), 1) // untrained; vae.Open opens a run, vae.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	mu, _, err := m.Encode(ctx, [][]float32{make([]float32, 784)})
	if err != nil {
		fmt.Println(err)
		return
	}
	z := mu[0]
	pictures, err := m.Decode(ctx, [][]float32{z})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(z), "numbers stand for", len(pictures[0]), "pixels")
	// Output: 20 numbers stand for 784 pixels
}
