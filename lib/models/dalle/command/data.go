package command

import (
	"fmt"

	"genlab/lib/data/scenes"
	"genlab/lib/train"
)

// Data says which pictures, with captions, to train on.
type Data struct {
	Data  string `json:"data" help:"scenes: shapes that are made as the training goes on"`
	Batch int    `json:"batch" help:"pictures a step"`
	Steps int    `json:"epoch_steps" flag:"epoch-steps" help:"scenes: steps that count as an epoch"`
}

// Sets are what to train on and to measure by. Batches are pictures, or captions and pictures.
type Sets struct {
	Training, Validation train.Dataset
	Words                []string
	Longest              int      // words of the longest caption
	Captions             []string // some to draw as the training goes on
}

// Open finds pictures of a model's size.
func (d Data) Open(size int, texts bool, seed uint64) (Sets, error) {
	if d.Data != "scenes" {
		return Sets{}, fmt.Errorf("--data is %q: it must be scenes", d.Data)
	}
	set := scenes.Batches{Pixels: size, Size: d.Batch, Each: d.Steps, Seed: seed, Texts: texts}
	s := Sets{Training: set, Words: scenes.Words(), Longest: scenes.Longest, Captions: sceneCaptions}
	set.Split, set.Each, set.Size = scenes.HeldOut, 8, 64
	s.Validation = set
	_, err := set.Batch(0, 0)
	return s, err
}

// sceneCaptions are of every kind, in both languages.
var sceneCaptions = []string{
	"a red circle left of a blue square", "красный круг слева от синего квадрата", "a small white ring", "три зелёные звезды",
	"a yellow triangle inside a purple circle", "two large green crosses", "синий круг, белый крест и жёлтое кольцо", "a blue star above a white square",
}
