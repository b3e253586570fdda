package command

import (
	"fmt"

	"genlab/lib/data/captions"
	"genlab/lib/data/digits"
	"genlab/lib/data/mnist"
	"genlab/lib/data/scenes"
	"genlab/lib/train"
)

// Data says which pictures, with captions, to train on.
type Data struct {
	Data  string `json:"data" help:"scenes (shapes, made), digits (MNIST's in two rows, made), emoji (genlab data emoji), or a folder of pictures with captions.tsv"`
	Batch int    `json:"batch" help:"pictures a step"`
	Steps int    `json:"epoch_steps" flag:"epoch-steps" help:"scenes and digits, of which there is no end: steps that count as an epoch"`
}

// Sets are what to train on and to measure by. Batches are pictures, or captions and pictures.
type Sets struct {
	Training, Validation train.Dataset
	Words                []string
	Longest              int      // words of the longest caption
	Captions             []string // some to draw as the training goes on
}

// measured is how many pictures are measured at once.
const measured = 64

// Open finds pictures of a model's size.
func (d Data) Open(size int, texts bool, seed uint64) (Sets, error) {
	switch d.Data {
	case "scenes":
		set := scenes.Batches{Pixels: size, Size: d.Batch, Each: d.Steps, Seed: seed, Texts: texts}
		s := Sets{Training: set, Words: scenes.Words(), Longest: scenes.Longest, Captions: sceneCaptions}
		set.Split, set.Each, set.Size = scenes.HeldOut, 8, measured
		s.Validation = set
		_, err := set.Batch(0, 0)
		return s, err
	case "digits":
		all, err := mnist.Load(mnist.Config{})
		if err != nil {
			return Sets{}, err
		}
		set := digits.Batches{Digits: all.Train, Pixels: size, Size: d.Batch, Each: d.Steps, Seed: seed, Texts: texts}
		s := Sets{Training: set, Words: digits.Words(), Longest: digits.Longest, Captions: digitCaptions}
		set.Digits, set.Each, set.Size = all.Test, 8, measured
		s.Validation = set
		_, err = set.Batch(0, 0)
		return s, err
	case "emoji":
		all, err := captions.Emoji(size, captions.Styles, captions.EmojiLanguages)
		if err != nil {
			return Sets{}, err
		}
		return d.pairs(all, texts, seed)
	case "":
		return Sets{}, fmt.Errorf("--data is empty: it must be scenes, digits, emoji or a folder")
	}
	all, err := captions.Folder(d.Data, size)
	if err != nil {
		return Sets{}, fmt.Errorf("--data: %w", err)
	}
	return d.pairs(all, texts, seed)
}

// pairs trains on nine tenths of pictures with captions. The words are those of all: one that stands in a held-out caption alone is known,
// and nothing was learned of it.
func (d Data) pairs(all captions.Pairs, texts bool, seed uint64) (Sets, error) {
	training, held := all.Split()
	s := Sets{Words: captions.Of(all.Captions()...), Longest: all.Longest()}
	of := func(p captions.Pairs, size int, shuffle bool) (train.Dataset, error) {
		cfg := captions.BatchConfig{Size: size, Seed: seed, Shuffle: shuffle}
		if texts {
			cfg.Words, cfg.Length = s.Words, s.Longest
		}
		return p.Batches(cfg)
	}
	var err error
	if s.Training, err = of(training, d.Batch, true); err != nil {
		return s, err
	}
	if n := min(len(held.List), measured); n > 0 {
		if s.Validation, err = of(held, n, false); err != nil {
			return s, err
		}
	}
	for i := 0; i < len(training.List) && len(s.Captions) < 8; i += max(len(training.List)/8, 1) {
		s.Captions = append(s.Captions, training.List[i].Captions[0])
	}
	return s, nil
}

// sceneCaptions are of every kind, in both languages.
var sceneCaptions = []string{
	"a red circle left of a blue square", "красный круг слева от синего квадрата", "a small white ring", "три зелёные звезды",
	"a yellow triangle inside a purple circle", "two large green crosses", "синий круг, белый крест и жёлтое кольцо", "a blue star above a white square",
}

var digitCaptions = []string{"three sevens and a two", "три семёрки и двойка", "an eight", "four zeros", "две единицы и две пятёрки", "a three and a nine"}
