package classifier

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/train"
)

// lines is made data: pictures of 8×8 with a line, across or down.
type lines struct{}

func (lines) Steps() int { return 15 }

func (lines) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	labels := make([]int32, 16)
	x := tensors.FromShape(shapes.Make(dtypes.Float32, 16, 8, 8, 1))
	err := tensors.MutableFlatData(x, func(flat []float32) {
		for i := range labels {
			labels[i] = int32((i + step) % 2)
			for k := range 8 {
				at := (i*5 + step + epoch) % 8
				row, column := at, k
				if labels[i] == 1 {
					row, column = k, at
				}
				flat[i*64+row*8+column] = 1
			}
		}
	})
	return []*tensors.Tensor{x, tensors.FromValue(labels)}, err
}

func TestTrainOpenFeatures(t *testing.T) {
	ctx, run := context.Background(), filepath.Join(t.TempDir(), "run")
	m, err := Train(ctx, TrainConfig{
		Model: Tiny(), Rate: 1e-2, Seed: 1, Validation: lines{},
		Options: train.Options{Run: run, Epochs: 6, Watch: func(train.Progress) {}},
	}, lines{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := train.ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	if _, accuracy := train.Series(records, "accuracy"); len(accuracy) != 6 || accuracy[5] < 0.95 {
		t.Errorf("accuracies %v", accuracy)
	}
	opened, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := lines{}.Batch(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var pictures [][]float32
	for p := range slices.Chunk(tensors.MustCopyFlatData[float32](batch[0]), 64) {
		pictures = append(pictures, p)
	}
	pictures = slices.Repeat(pictures, 20) // more than a chunk
	features, classes, err := opened.Features(ctx, pictures)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, c := range classes {
		if c == i%2 {
			right++
		}
	}
	if len(features) != 320 || len(features[0]) != Tiny().Features || right < 300 {
		t.Errorf("%d features of %d values, %d classes right of 320", len(features), len(features[0]), right)
	}
	if !slices.Equal(features[300], features[300%16]) { // of another chunk
		t.Error("one picture has other features in the second chunk")
	}
	probabilities, err := opened.Probabilities(ctx, pictures)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range probabilities {
		if sum := p[0] + p[1]; sum < 0.9999 || sum > 1.0001 || (p[1] > p[0]) != (classes[i] == 1) {
			t.Fatalf("picture %d is of class %d by %v", i, classes[i], p)
		}
	}
	again, _, err := m.Features(ctx, pictures[:3])
	if err != nil || !slices.Equal(again[2], features[2]) {
		t.Errorf("trained and opened give other features; error %v", err)
	}
	if _, _, err := m.Features(ctx, [][]float32{{1}}); err == nil || !strings.Contains(err.Error(), "has 1 values") {
		t.Errorf("error %v", err)
	}
}

// bare is pictures without labels, in n batches.
type bare int

func (b bare) Steps() int { return int(b) }

func (bare) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	batch, err := lines{}.Batch(epoch, step)
	return batch[:1], err
}

func TestAccuracyRefuses(t *testing.T) {
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, data := range map[string]bare{"gives 1 tensors": 1, "nothing to measure": 0} {
		if _, err := m.Accuracy(context.Background(), data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"size is 30":  func(c *Config) { c.Size = 30 },
		"width is 0":  func(c *Config) { c.Width = 0 },
		"classes is ": func(c *Config) { c.Classes = 1 },
	} {
		c := Default()
		change(&c)
		if _, err := New(c, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
