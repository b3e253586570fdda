package vit_test

import (
	"context"
	"fmt"

	"genlab/lib/models/vit"
)

// A picture is told by its patches.
func Example() {
	tiny := vit.Default()
	tiny.Embed, tiny.Layers, tiny.Heads, tiny.Inner = 8, 1, 2, 16
	ctx := context.Background()
	m, err := vit.New(tiny, 1) // untrained; vit.Open opens a run, vit.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	chances, err := m.Classify(ctx, [][]float32{make([]float32, 28*28)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(chances[0]), "classes")
	// Output: 10 classes
}
