package classifier_test

import (
	"context"
	"fmt"

	"genlab/lib/models/classifier"
)

// A picture gives features, by which samples are compared, and its likeliest class.
func Example() {
	ctx := context.Background()
	m, err := classifier.New(classifier.Default(), 1) // untrained; classifier.Open opens a run, classifier.Train makes one
	if err != nil {
		fmt.Println(err)
		return
	}
	features, classes, err := m.Features(ctx, [][]float32{make([]float32, 28*28)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(features[0]), "features,", len(classes), "class")
	// Output: 64 features, 1 class
}
