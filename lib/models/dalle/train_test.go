package dalle

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/train"
)

// halves is made data: one half of a picture of 8×8 is white, as its caption says: 1 left, 2 right, 3 upper, 4 lower.
type halves struct{ texts bool }

func (halves) Steps() int { return 20 }

func (h halves) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	texts, pictures := make([][]int32, 12), make([][][][]float32, 12)
	for i := range texts {
		which := (i + step + epoch) % 4
		texts[i], pictures[i] = []int32{int32(which + 1), 0}, whiteHalf(which)
	}
	if !h.texts {
		return []*tensors.Tensor{tensors.FromValue(pictures)}, nil
	}
	return []*tensors.Tensor{tensors.FromValue(texts), tensors.FromValue(pictures)}, nil
}

// whiteHalf is [8][8][3].
func whiteHalf(which int) [][][]float32 {
	p := make([][][]float32, 8)
	for y := range p {
		p[y] = make([][]float32, 8)
		for x := range p[y] {
			v := float32(0.05)
			if [4]bool{x < 4, x >= 4, y < 4, y >= 4}[which] {
				v = 0.95
			}
			p[y][x] = []float32{v, v, v}
		}
	}
	return p
}

// easy has a code for each 2×2 pixels.
func easy(quantizer string) DVAEConfig {
	c := TinyDVAE()
	c.Groups, c.Hidden, c.Quantizer = 2, 8, quantizer
	return c
}

func quiet(run string, epochs int) train.Options {
	return train.Options{Run: run, Epochs: epochs, Watch: func(train.Progress) {}}
}

// TestTrainOpenSample wants both stages to learn which halves there are, and captions to be obeyed.
func TestTrainOpenSample(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	first := DVAETraining{Model: easy(EMA), Rate: 1e-2, WarmUp: 5, Commitment: 0.25, Seed: 1, Validation: halves{}, Options: quiet(filepath.Join(dir, "dvae"), 8)}
	pictures, err := TrainDVAE(ctx, first, halves{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := pictures.Measure(ctx, halves{})
	if err != nil {
		t.Fatal(err)
	}
	if f.PSNR < 20 || f.Alive <= 0.1 || f.Perplexity < 1.5 {
		t.Errorf("what codes tell of pictures: %+v", f)
	}
	again := first
	again.Start, again.Rate, again.Options = first.Run, 1e-9, quiet(filepath.Join(dir, "again"), 1)
	if pictures, err = TrainDVAE(ctx, again, halves{}); err != nil {
		t.Fatal(err)
	}
	if g, err := pictures.Measure(ctx, halves{}); err != nil || g.PSNR < f.PSNR-1 {
		t.Errorf("what begins from a run has %.1f dB, the run %.1f: %v", g.PSNR, f.PSNR, err)
	}
	second := Recipe()
	second.Model, second.DVAE, second.Rate, second.WarmUp = Tiny(), first.Run, 1e-2, 5
	second.Model.Words, second.Model.TextLength, second.Options = []string{"left", "right", "upper", "lower"}, 2, quiet(filepath.Join(dir, "dalle"), 6)
	second.Validation = halves{true}
	m, err := Train(ctx, second, halves{true})
	if err != nil {
		t.Fatal(err)
	}
	loss, err := m.Loss(ctx, halves{true})
	if err != nil || loss > 0.05 {
		t.Errorf("a code costs %.3f nats, though the caption tells all: %v", loss, err)
	}
	opened, err := Open(second.Run)
	if err != nil {
		t.Fatal(err)
	}
	captions := [][]int32{{1, 0}, {2, 0}, {3, 0}, {4, 0}}
	drawn, err := opened.Sample(ctx, captions, SampleConfig{Seed: 1, Temperature: 0.3, Guidance: 1.5})
	if err != nil {
		t.Fatal(err)
	}
	same, err := m.Sample(ctx, captions, SampleConfig{Seed: 1, Temperature: 0.3, Guidance: 1.5})
	if err != nil || !reflect.DeepEqual(drawn, same) {
		t.Errorf("the model of the run draws other pictures: %v", err)
	}
	for which, p := range drawn.Pictures {
		var off float64
		for y, row := range whiteHalf(which) {
			for x, pixel := range row {
				off += math.Abs(float64(p[(y*8+x)*3]-pixel[0])) / 64
			}
		}
		if off > 0.15 {
			t.Errorf("caption %d is drawn %.2f off", which+1, off)
		}
	}
}

// TestTrainGumbel wants a dVAE's loss to fall, and its temperature and weight with the steps.
func TestTrainGumbel(t *testing.T) {
	c := DVAERecipe()
	c.Model, c.Rate, c.WarmUp, c.Options = easy(Gumbel), 1e-2, 5, quiet(filepath.Join(t.TempDir(), "run"), 6)
	p, err := TrainDVAE(t.Context(), c, halves{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.Measure(t.Context(), halves{})
	if err != nil || f.PSNR < 8 {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestTrainErrors wants what can't be trained to be said.
func TestTrainErrors(t *testing.T) {
	c := Recipe()
	c.DVAE = filepath.Join(t.TempDir(), "none")
	if _, err := Train(t.Context(), c, halves{true}); err == nil || !strings.Contains(err.Error(), "no run in") {
		t.Errorf("%v", err)
	}
	for want, change := range map[string]func(*DVAETraining){
		"coldest is -1":      func(c *DVAETraining) { c.Coldest = -1 },
		"kl_weight is -1":    func(c *DVAETraining) { c.KLWeight = -1 },
		"commitment is -1":   func(c *DVAETraining) { c.Commitment = -1 },
		"rate is -1":         func(c *DVAETraining) { c.Rate = -1 },
		"size is 9":          func(c *DVAETraining) { c.Model.Size = 9 },
		"n_hid is 6":         func(c *DVAETraining) { c.Model.Hidden = 6 },
		`quantizer is "sun"`: func(c *DVAETraining) { c.Model.Quantizer = "sun" },
		"warm_up is 200":     func(c *DVAETraining) { c.WarmUp = 200 },
	} {
		c := DVAERecipe()
		c.WarmUp, c.Options = 5, quiet(filepath.Join(t.TempDir(), "run"), 1)
		change(&c)
		if _, err := TrainDVAE(t.Context(), c, halves{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
