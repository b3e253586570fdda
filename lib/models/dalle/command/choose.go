package command

import (
	"context"
	"fmt"

	"genlab/lib/data/captions"
	"genlab/lib/models/clip"
)

// Choosing says how to choose among drawn pictures by a CLIP (Ramesh et al., section 2.6).
type Choosing struct {
	Clip   string `flag:"clip" help:"run of a CLIP that chooses the best"`
	BestOf int    `flag:"best-of" help:"with --clip: how many are drawn for each that is kept"`
}

// chooser is a CLIP with the words that it knows.
type chooser struct{ model *clip.Model }

// open gives the CLIP, nil where none is asked for.
func (c Choosing) open() (*chooser, error) {
	switch {
	case c.BestOf < 1:
		return nil, fmt.Errorf("--best-of is %d: it must be at least 1", c.BestOf)
	case c.BestOf == 1:
		return nil, nil
	case c.Clip == "":
		return nil, fmt.Errorf("--clip is empty: it must be a run of a CLIP for --best-of %d", c.BestOf)
	}
	m, err := clip.Open(c.Clip)
	if err != nil {
		return nil, fmt.Errorf("--clip: %w", err)
	}
	return &chooser{m}, nil
}

// rank gives the places of pictures, those first that fit the caption best.
func (c *chooser) rank(ctx context.Context, pictures [][]float32, caption string) ([]int, error) {
	tokens, err := captions.Vocabulary(c.model.Config.Words).Encode(caption, c.model.Config.TextLength-1)
	if err != nil {
		return nil, err
	}
	similar, err := c.model.Similarities(ctx, pictures, [][]int32{tokens})
	if err != nil {
		return nil, err
	}
	column := make([]float32, len(similar))
	for i, row := range similar {
		column[i] = row[0]
	}
	return clip.Rank(column), nil
}
