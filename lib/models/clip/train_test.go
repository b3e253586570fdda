package clip

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/train"
)

// greys is made data: four captions, "dark" to "bright", and pictures of that brightness. The longest caption fills its room.
type greys struct{}

func (greys) Steps() int { return 25 }

func (greys) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	texts, pictures := make([][]int32, 4), make([][][][]float32, 4)
	for i := range texts {
		which := (i + step + epoch) % 4
		texts[i], pictures[i] = captionOf(which), make([][][]float32, 8)
		for y := range pictures[i] {
			pictures[i][y] = make([][]float32, 8)
			for x := range pictures[i][y] {
				pictures[i][y][x] = slices.Repeat([]float32{float32(which) / 3}, 3)
			}
		}
	}
	return []*tensors.Tensor{tensors.FromValue(texts), tensors.FromValue(pictures)}, nil
}

// captionOf tells the first two apart by their second word, the others by their first, of three.
func captionOf(which int) []int32 {
	return [][]int32{{1, 2, 0}, {1, 3, 0}, {2, 2, 2}, {3, 2, 2}}[which]
}

// TestTrainOpenCompare wants each picture to find its caption, and a run to be opened as it was.
func TestTrainOpenCompare(t *testing.T) {
	c := Recipe()
	c.Model, c.Rate, c.WarmUp, c.Validation = Tiny(), 3e-3, 10, greys{}
	c.Model.ImageSize, c.Model.PatchSize, c.Model.TextLength, c.Model.Words = 8, 4, 4, []string{"a", "b", "c"}
	c.Options = train.Options{Run: filepath.Join(t.TempDir(), "run"), Epochs: 6, Watch: func(train.Progress) {}}
	m, err := Train(t.Context(), c, greys{})
	if err != nil {
		t.Fatal(err)
	}
	loss, accuracy, err := m.Measure(t.Context(), greys{})
	if err != nil || accuracy < 0.99 || loss > 0.5 {
		t.Errorf("the loss is %.2f, %.2f of pictures find their captions: %v", loss, accuracy, err)
	}
	opened, err := Open(c.Run)
	if err != nil {
		t.Fatal(err)
	}
	captions := [][]int32{captionOf(0), captionOf(1), captionOf(2), captionOf(3)}
	bright := slices.Repeat([]float32{1}, 8*8*3)
	similar, err := opened.Similarities(t.Context(), [][]float32{bright}, captions)
	if err != nil || Rank(similar[0])[0] != 3 {
		t.Errorf("a bright picture is as near to the captions as %v: %v", similar, err)
	}
	for want, call := range map[string]func() error{
		"picture 0 has 1 values: it must have 192": func() error { return compareError(t, opened, [][]float32{{1}}, captions) },
		"caption 0 has 1 tokens: it must have 3":   func() error { return compareError(t, opened, [][]float32{bright}, [][]int32{{1}}) },
		"token 2 of caption 0 is 4: it must be 0 to 3": func() error {
			return compareError(t, opened, [][]float32{bright}, [][]int32{{1, 1, 4}})
		},
		"0 pictures and 4 captions": func() error { return compareError(t, opened, nil, captions) },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func compareError(t *testing.T, m *Model, pictures [][]float32, captions [][]int32) error {
	_, err := m.Similarities(t.Context(), pictures, captions)
	return err
}
