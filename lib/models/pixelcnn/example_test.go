package pixelcnn_test

import (
	"context"
	"fmt"

	"genlab/lib/models/pixelcnn"
	"genlab/lib/nn/pixels"
)

// Pictures are drawn a pixel after the other.
func Example() {
	tiny := pixelcnn.Default()
	tiny.Hidden, tiny.Layers, tiny.OutHidden, tiny.Height, tiny.Width = 4, 2, 4, 8, 8
	ctx := context.Background()
	m, err := pixelcnn.New(tiny, 1) // untrained; pixelcnn.Open opens a run, pixelcnn.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	pictures, err := m.Sample(ctx, pixels.SampleConfig{Number: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(pictures), "pictures of", len(pictures[0]), "pixels")
	// Output: 2 pictures of 64 pixels
}
