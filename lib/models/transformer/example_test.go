package transformer_test

import (
	"context"
	"fmt"

	"genlab/lib/models/transformer"
)

// A translator searches for the likeliest text in the other language.
func Example() {
	ctx := context.Background()
	m, err := transformer.New(transformer.Small(30), 1) // untrained; transformer.Open opens a run, transformer.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	best, err := m.Translate(ctx, [][]int32{{5, 6, 7}}, transformer.SearchConfig{Beam: 2, MaxTokens: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(best), "translation")
	// Output: 1 translation
}
