package dcgan_test

import (
	"context"
	"fmt"

	"genlab/lib/models/dcgan"
)

// A generator draws pictures, whose pixels lie in [0, 1].
func Example() {
	ctx := context.Background()
	m, err := dcgan.New(dcgan.Config{NZ: 16, NGF: 4, NDF: 4, NC: 1, ImageSize: 32}, 1) // untrained; dcgan.Open opens a run, dcgan.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	pictures, err := m.Sample(ctx, 3, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(pictures), "pictures of", len(pictures[0]), "pixels")
	// Output: 3 pictures of 1024 pixels
}
