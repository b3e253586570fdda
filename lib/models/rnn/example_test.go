package rnn_test

import (
	"context"
	"fmt"

	"genlab/lib/models/rnn"
)

// A language model goes on from a prompt.
func Example() {
	ctx := context.Background()
	m, err := rnn.New(rnn.Config{Cell: "gru", Vocab: "\n abc", Embed: 4, Hidden: 8, Layers: 1}, 1) // untrained; rnn.Open opens a run, rnn.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := m.Sample(ctx, rnn.SampleConfig{Prompt: "ab", Length: 10, Temperature: 1, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(text), "characters")
	// Output: 10 characters
}
