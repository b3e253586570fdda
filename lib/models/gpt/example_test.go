package gpt_test

import (
	"context"
	"fmt"

	"genlab/lib/models/gpt"
)

// A language model goes on from tokens; package tokens makes them of text.
func Example() {
	tiny := gpt.Default(50)
	tiny.Context, tiny.Layers, tiny.Heads, tiny.Embed = 16, 1, 2, 8
	ctx := context.Background()
	m, err := gpt.New(tiny, 1) // untrained; gpt.Open opens a run, gpt.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	texts, err := m.Sample(ctx, [][]int32{{3, 1, 4}}, gpt.SampleConfig{Tokens: 5, Temperature: 0.8, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(texts[0]), "new tokens")
	// Output: 5 new tokens
}
