package style

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/torch"
	"genlab/lib/train"
)

// steps gives random pictures, all of one size.
type steps struct{ styles int }

func (steps) Steps() int { return 3 }

func (d steps) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	a, b := picture(uint64(10*epoch+step), 16, 32), picture(uint64(10*epoch+step+100), 16, 16*d.styles)
	return []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(a.Pixels, 2, 16, 16, 3), tensors.FromFlatDataAndDimensions(b.Pixels, d.styles, 16, 16, 3),
	}, nil
}

func quiet(run string, epochs int) train.Options {
	return train.Options{Run: run, Epochs: epochs, Watch: func(train.Progress) {}}
}

// vgg is a file of VGG-16 with zeros, of which the first layers alone are looked at.
func vgg(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vgg16.safetensors")
	if err := torch.Write(path, zeros(VGG16())); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTrain holds that a training in parts is that in a piece, and that its run opens.
func TestTrain(t *testing.T) {
	cfg, file := Recipe(), vgg(t)
	cfg.Model, cfg.ContentLayer, cfg.StyleLayers, cfg.TVWeight = Tiny(), "relu1_1", []string{"relu1_1"}, 1
	cfg.Options = quiet(filepath.Join(t.TempDir(), "whole"), 2)
	epochs := 0
	cfg.AfterEpoch = func(*Model, int, string) error { epochs++; return nil }
	whole, err := Train(t.Context(), cfg, file, steps{1})
	if err != nil {
		t.Fatal(err)
	}
	parts := filepath.Join(t.TempDir(), "parts")
	for _, n := range []int{1, 2} {
		cfg.Options = quiet(parts, n)
		if _, err := Train(t.Context(), cfg, file, steps{1}); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := Open(parts)
	if err != nil {
		t.Fatal(err)
	}
	if epochs != 4 {
		t.Errorf("%d epochs were told of, not 4", epochs)
	}
	a, err := whole.Paint(t.Context(), picture(1, 21, 22))
	if err != nil {
		t.Fatal(err)
	}
	b, err := opened.Paint(t.Context(), picture(1, 21, 22))
	if err != nil || !slices.Equal(a.Pixels, b.Pixels) {
		t.Errorf("a training in parts paints otherwise: %v", err)
	}
	if a.Height != 24 || a.Width != 24 {
		t.Errorf("22x21 becomes %dx%d", a.Width, a.Height)
	}
	published := filepath.Join(t.TempDir(), "net.safetensors")
	if err := opened.Save(published); err != nil {
		t.Fatal(err)
	}
	again, err := OpenPublished(published)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := again.Paint(t.Context(), picture(1, 21, 22)); err != nil || !slices.Equal(a.Pixels, c.Pixels) {
		t.Errorf("what was saved paints otherwise: %v", err)
	}
	if _, err := opened.Paint(t.Context(), picture(1, 21, 2)); err == nil || !strings.Contains(err.Error(), "the content is 2x21: it must be at least 20") {
		t.Errorf("a narrow picture: %v", err)
	}
}

// TestArbitrary holds the same of the other model, and what a strength does.
func TestArbitrary(t *testing.T) {
	cfg, file, ctx := ArbitraryRecipe(), vgg(t), context.Background()
	cfg.Layers = []string{"relu1_1"}
	cfg.Options = quiet(filepath.Join(t.TempDir(), "whole"), 2)
	whole, err := TrainArbitrary(ctx, cfg, file, steps{2})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(whole.Config.VGG.Widths); n != 1 {
		t.Errorf("the run keeps %d layers of the VGG, not 1", n)
	}
	parts := filepath.Join(t.TempDir(), "parts")
	for _, n := range []int{1, 2} {
		cfg.Options = quiet(parts, n)
		if _, err := TrainArbitrary(ctx, cfg, file, steps{2}); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := OpenArbitrary(parts)
	if err != nil {
		t.Fatal(err)
	}
	a, err := whole.Paint(ctx, picture(1, 16, 17), picture(2, 18, 16), 0.5)
	if err != nil {
		t.Fatal(err)
	}
	b, err := opened.Paint(ctx, picture(1, 16, 17), picture(2, 18, 16), 0.5)
	if err != nil || !slices.Equal(a.Pixels, b.Pixels) {
		t.Errorf("a training in parts paints otherwise: %v", err)
	}
	if _, err := opened.Paint(ctx, picture(1, 16, 16), picture(2, 16, 16), 2); err == nil || !strings.Contains(err.Error(), "strength is 2") {
		t.Errorf("a strength of 2: %v", err)
	}
	if _, err := opened.Paint(ctx, picture(1, 16, 16), picture(2, 1, 16), 1); err == nil || !strings.Contains(err.Error(), "the style is 16x1") {
		t.Errorf("a flat style: %v", err)
	}
}
