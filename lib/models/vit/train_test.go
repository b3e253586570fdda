package vit

import (
	"context"
	"path/filepath"
	"reflect"
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

func (lines) Steps() int { return 50 }

func (lines) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	labels := make([]int32, 16)
	x := tensors.FromShape(shapes.Make(dtypes.Float32, 16, 8, 8, 1))
	err := tensors.MutableFlatData(x, func(flat []float32) {
		for i := range labels {
			labels[i] = int32((i + step) % 2)
			for k := range 8 {
				at := (i/2 + step + epoch) % 8 // which says nothing of the label
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

func TestTrainOpenClassify(t *testing.T) {
	ctx, run := context.Background(), filepath.Join(t.TempDir(), "run")
	c := TrainConfig{
		Model: Tiny(), Rate: 4e-3, WarmUp: 10, Mixup: 0.2, CutMix: 0.2, Smoothing: 0.05, Seed: 1, Validation: lines{},
		Options: train.Options{Run: run, Epochs: 6, Watch: func(train.Progress) {}},
	}
	c.Model.DropPath, c.Model.Registers, c.Model.LayerScale = 0.1, 1, 1
	m, err := Train(ctx, c, lines{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := train.ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	if _, accuracy := train.Series(records, "accuracy"); len(accuracy) != 6 || accuracy[5] < 0.9 {
		t.Errorf("accuracies %v", accuracy)
	}
	batch, err := lines{}.Batch(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	pictures := slices.Collect(slices.Chunk(tensors.MustCopyFlatData[float32](batch[0]), 64))
	want, err := m.Classify(ctx, pictures)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, p := range want {
		if Best(p) == i%2 {
			right++
		}
	}
	if right < 14 {
		t.Errorf("%d of 16 told right", right)
	}
	opened, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := opened.Classify(ctx, pictures); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the opened model answers otherwise (%v)", err)
	}
	file := filepath.Join(t.TempDir(), "weights.safetensors")
	fresh, err := New(c.Model, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(file); err != nil {
		t.Fatal(err)
	}
	if err := fresh.Load(file); err != nil {
		t.Fatal(err)
	}
	if got, err := fresh.Classify(ctx, pictures); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the loaded model answers otherwise (%v)", err)
	}
	if _, err := m.Classify(ctx, [][]float32{{1}}); err == nil || !strings.Contains(err.Error(), "picture 0 has 1 values") {
		t.Errorf("error %v", err)
	}
}

// bare is pictures without labels.
type bare struct{ lines }

func (bare) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	batch, err := lines{}.Batch(epoch, step)
	return batch[:1], err
}

func TestTrainRefuses(t *testing.T) {
	ctx := context.Background()
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	distilled := Tiny()
	distilled.Distilled = true
	options := train.Options{Run: t.TempDir(), Epochs: 1, Watch: func(train.Progress) {}}
	for want, do := range map[string]func() error{
		"gives 1 tensors": func() error { _, err := m.Accuracy(ctx, bare{}); return err },
		"on pictures and labels": func() error {
			_, err := Train(ctx, TrainConfig{Model: Tiny(), Options: options}, bare{})
			return err
		},
		"gives no answers": func() error {
			_, err := Train(ctx, TrainConfig{Model: distilled, Options: options}, lines{})
			return err
		},
		"warm_up is 50": func() error {
			_, err := Train(ctx, TrainConfig{Model: Tiny(), WarmUp: 50, Options: options}, lines{})
			return err
		},
		"no run in": func() error { _, err := Open(t.TempDir()); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
