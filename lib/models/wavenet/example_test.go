package wavenet_test

import (
	"context"
	"fmt"

	"genlab/lib/models/wavenet"
)

// Sound is drawn a sample after the other.
func Example() {
	tiny := wavenet.Default()
	tiny.Layers, tiny.Blocks, tiny.SampleRate = 3, 1, 8000
	ctx := context.Background()
	m, err := wavenet.New(tiny, 1) // untrained; wavenet.Open opens a run, wavenet.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	voices, err := m.Sample(ctx, wavenet.SampleConfig{Number: 2, Seconds: 0.01, Temperature: 1, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(voices), "voices of", len(voices[0]), "samples")
	// Output: 2 voices of 80 samples
}
