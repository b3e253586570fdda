package bert_test

import (
	"context"
	"fmt"

	"genlab/lib/models/bert"
)

// A blank in a text is filled: each piece of the vocabulary has its probability there.
func Example() {
	tiny := bert.Default(30)
	tiny.Embed, tiny.Layers, tiny.Heads, tiny.Inner = 8, 1, 2, 16
	ctx := context.Background()
	m, err := bert.New(tiny, 1) // untrained; bert.Open opens a run, bert.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	chances, err := m.Fill(ctx, []int32{2, 7, 4, 9, 3}, []int32{2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(chances), "place,", len(chances[0]), "probabilities")
	// Output: 1 place, 30 probabilities
}
