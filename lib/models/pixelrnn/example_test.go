package pixelrnn_test

import (
	"context"
	"fmt"

	"genlab/lib/models/pixelrnn"
	"genlab/lib/nn/pixels"
)

// Pictures are drawn a pixel after the other, by recurrent layers.
func Example() {
	tiny := pixelrnn.Default()
	tiny.Hidden, tiny.Layers, tiny.OutHidden, tiny.Height, tiny.Width = 4, 1, 4, 8, 8
	ctx := context.Background()
	m, err := pixelrnn.New(tiny, 1) // untrained; pixelrnn.Open opens a run, pixelrnn.Train makes one
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
