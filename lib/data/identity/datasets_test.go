package identity_test

import (
	"reflect"
	"testing"

	"genlab/lib/data/chat"
	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/data/points"
	"genlab/lib/data/text"
	"genlab/lib/data/tokens"
	"genlab/lib/data/translation"
	"genlab/lib/train"
)

// Every data set says what it is: made again it is the same, with one thing changed it is another.
func TestDataSets(t *testing.T) {
	digits := func(pixel byte, c mnist.BatchConfig) train.Identified {
		s := &mnist.Split{Images: []byte{pixel, 1, 2, 3}, Labels: []byte{4}, Rows: 2, Cols: 2}
		return made(t)(s.Batches(c))
	}
	pictures := func(pixel byte, size int, c images.BatchConfig) train.Identified {
		s, err := images.FromBytes([]byte{pixel, 1, 2, 3}, 2, 2, 1, nil, nil, size)
		if err != nil {
			t.Fatal(err)
		}
		return made(t)(s.Batches(c))
	}
	crops := func(pixel float32, c images.CropConfig) train.Identified {
		return made(t)(images.NewCrops([]images.Photo{{Height: 1, Width: 1, Pixels: []float32{pixel, 0, 0}}}, c))
	}
	talk := func(answer string, c chat.BatchConfig) train.Identified {
		list := []chat.Conversation{{{Role: chat.User, Content: "ab"}, {Role: chat.Assistant, Content: answer}}}
		tok, err := chat.Vocabulary([]chat.Conversation{{{Role: chat.User, Content: "ab"}, {Role: chat.Assistant, Content: "ab"}}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		f, err := chat.NewFormat(tok)
		if err != nil {
			t.Fatal(err)
		}
		return made(t)(f.NewBatches(list, c))
	}
	windows := func(token int32, c text.BatchConfig) train.Identified {
		return made(t)(text.NewWindows([]int32{token, 1, 2, 3, 4}, c))
	}
	lanes := func(token int32, c text.BatchConfig) train.Identified {
		return made(t)(text.NewLanes([]int32{token, 1, 2, 3, 4}, c))
	}
	pairs := func(token int32, c translation.BatchConfig) train.Identified {
		return made(t)(translation.NewBatches([]translation.Encoded{{Source: []int32{token}, Target: []int32{5}}}, c))
	}
	ring := points.Ring(4, 1, 0.1)

	for name, list := range map[string][]train.Identified{ // the second is the first again, all others are others
		"digits": {
			digits(0, mnist.BatchConfig{Size: 1}), digits(0, mnist.BatchConfig{Size: 1}),
			digits(9, mnist.BatchConfig{Size: 1}), digits(0, mnist.BatchConfig{Size: 2}), digits(0, mnist.BatchConfig{Size: 1, Seed: 1}),
			digits(0, mnist.BatchConfig{Size: 1, Shuffle: true}), digits(0, mnist.BatchConfig{Size: 1, Labels: true}),
		},
		"crops": {
			crops(0, images.CropConfig{Size: 1, Batch: 1, Steps: 1}), crops(0, images.CropConfig{Size: 1, Batch: 1, Steps: 1}),
			crops(1, images.CropConfig{Size: 1, Batch: 1, Steps: 1}), crops(0, images.CropConfig{Size: 1, Batch: 2, Steps: 1}),
			crops(0, images.CropConfig{Size: 1, Batch: 1, Steps: 1, Seed: 1}),
		},
		"pictures": {
			pictures(0, 2, images.BatchConfig{Size: 1}), pictures(0, 2, images.BatchConfig{Size: 1}),
			pictures(9, 2, images.BatchConfig{Size: 1}), pictures(0, 4, images.BatchConfig{Size: 1}),
			pictures(0, 2, images.BatchConfig{Size: 2}), pictures(0, 2, images.BatchConfig{Size: 1, Flip: true}),
		},
		"conversations": {
			talk("a", chat.BatchConfig{Size: 1, Length: 32}), talk("a", chat.BatchConfig{Size: 1, Length: 32}),
			talk("b", chat.BatchConfig{Size: 1, Length: 32}), talk("a", chat.BatchConfig{Size: 1, Length: 33}),
			talk("a", chat.BatchConfig{Size: 1, Length: 32, Seed: 1}),
		},
		"windows": {
			windows(0, text.BatchConfig{Size: 1, Length: 2}), windows(0, text.BatchConfig{Size: 1, Length: 2}),
			windows(9, text.BatchConfig{Size: 1, Length: 2}), windows(0, text.BatchConfig{Size: 1, Length: 3}),
			windows(0, text.BatchConfig{Size: 1, Length: 2, Seed: 1}), lanes(0, text.BatchConfig{Size: 1, Length: 2}),
		},
		"lanes": {
			lanes(0, text.BatchConfig{Size: 1, Length: 2}), lanes(0, text.BatchConfig{Size: 1, Length: 2}),
			lanes(9, text.BatchConfig{Size: 1, Length: 2}), lanes(0, text.BatchConfig{Size: 2, Length: 2}),
		},
		"pairs": {
			pairs(4, translation.BatchConfig{Tokens: 256}), pairs(4, translation.BatchConfig{Tokens: 256}),
			pairs(6, translation.BatchConfig{Tokens: 256}), pairs(4, translation.BatchConfig{Tokens: 512}),
			pairs(4, translation.BatchConfig{Tokens: 256, Seed: 1}),
		},
		"points": {
			points.Batches{Mixture: ring, Size: 1, Each: 1}, points.Batches{Mixture: ring, Size: 1, Each: 1},
			points.Batches{Mixture: points.Ring(5, 1, 0.1), Size: 1, Each: 1}, points.Batches{Mixture: ring, Size: 1, Each: 1, Seed: 1},
		},
		"repeats": {
			tokens.Repeats{Vocabulary: 2, Size: 1, Length: 4}, tokens.Repeats{Vocabulary: 2, Size: 1, Length: 4},
			tokens.Repeats{Vocabulary: 3, Size: 1, Length: 4}, tokens.Repeats{Vocabulary: 2, Size: 1, Length: 4, Seed: 1},
		},
	} {
		var first map[string]any
		for i, data := range list {
			is, err := data.Identity()
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = is
			} else if same := reflect.DeepEqual(is, first); same != (i == 1) {
				t.Errorf("%s, number %d: the same is %v: %v and %v", name, i, same, first, is)
			}
		}
	}
}

// made takes what a data set's maker returns.
func made(t *testing.T) func(data any, err error) train.Identified {
	return func(data any, err error) train.Identified {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return data.(train.Identified)
	}
}
