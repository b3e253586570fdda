// Package pixelwisetest has what the tests of networks that draw pixel by pixel share.
package pixelwisetest

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn/pixels"
	"genlab/lib/train"
	"genlab/lib/train/pixelwise"
)

// Bars is made data: pictures of 6×6 with one white column, their class.
type Bars struct{}

// Steps is how many batches an epoch has.
func (Bars) Steps() int { return 30 }

// Batch makes the pictures of a step, and their classes.
func (Bars) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	x, y := make([][]float32, 12), make([]int32, 12)
	for i := range x {
		x[i], y[i] = make([]float32, 36), int32((i+step+epoch)%6)
		for row := range 6 {
			x[i][row*6+int(y[i])] = 1
		}
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y)}, nil
}

// Config trains a network for pictures of 6×6 on [Bars].
func Config[C pixelwise.Config](c C) pixelwise.TrainConfig[C] {
	return pixelwise.TrainConfig[C]{
		Model: c, Rate: 1e-2, WarmUp: 10, Seed: 1, Validation: Bars{}, Options: train.Options{Epochs: 5, Watch: func(train.Progress) {}},
	}
}

// Learns wants a model to learn which columns there are, to draw such pictures and to complete one.
func Learns[C pixelwise.Config](t *testing.T, id string, cfg pixelwise.TrainConfig[C]) {
	ctx := context.Background()
	cfg.Run = filepath.Join(t.TempDir(), "run")
	m, err := pixelwise.Train(ctx, id, cfg, Bars{})
	if err != nil {
		t.Fatal(err)
	}
	loss, err := m.Loss(ctx, Bars{})
	if err != nil {
		t.Fatal(err)
	}
	if loss > 2.5 || loss < math.Log(6)-1e-3 { // which of six is all that there is to know: 1.79
		t.Errorf("the loss is %.2f nats", loss)
	}
	opened, err := pixelwise.Open[C](id, cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := opened.Sample(ctx, pixels.SampleConfig{Number: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Sample(ctx, pixels.SampleConfig{Number: 40, Seed: 1})
	if err != nil || !slices.Equal(drawn[39], again[39]) {
		t.Errorf("the model of the run draws other pictures: %v", err)
	}
	good := 0
	for _, p := range drawn {
		if column := slices.Index(p, 1); column >= 0 && column < 6 && isBar(p, column) {
			good++
		}
	}
	if good < 30 {
		t.Errorf("%d of 40 samples are bars", good)
	}
	batch, err := Bars{}.Batch(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	given := batch[0].Value().([][]float32)[0]
	completed, err := opened.Complete(ctx, given, 18, pixels.SampleConfig{Number: 10, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	good = 0
	for _, p := range completed {
		if isBar(p, 2) {
			good++
		}
	}
	if good < 7 {
		t.Errorf("%d of 10 completions go on with the column", good)
	}
	nats, err := opened.NLL(ctx, [][]float32{given}, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, rest := 0.0, 0.0
	for i, v := range nats[0] {
		if i < 6 {
			first += float64(v)
		} else {
			rest += float64(v)
		}
	}
	if first < rest {
		t.Errorf("the first row, which tells all, costs %.2f nats, the rest %.2f", first, rest)
	}
	shares, err := opened.Distribution(ctx, given, 1, 2, 0)
	if err != nil || len(shares) != 2 || math.Abs(float64(shares[0]+shares[1])-1) > 1e-4 || shares[1] < 0.9 {
		t.Errorf("below a white pixel the shares of black and white are %v: %v", shares, err)
	}
}

func isBar(p []float32, column int) bool {
	for i, v := range p {
		if (v == 1) != (i%6 == column) {
			return false
		}
	}
	return true
}

// AsNaive wants the loop with caches to draw, to the last value, what whole passes draw by the same random numbers; kinds are networks for
// pictures of 5×4.
func AsNaive[C pixelwise.Config](t *testing.T, id string, kinds map[string]C) {
	for name, c := range kinds {
		t.Run(name, func(t *testing.T) {
			m, err := pixelwise.New(id, c, 3)
			if err != nil {
				t.Fatal(err)
			}
			class := min(m.Classes, 1) * -1
			quick, err := m.Sample(t.Context(), pixels.SampleConfig{Number: 20, Seed: 5, Class: class, Temperature: 0.1})
			if err != nil {
				t.Fatal(err)
			}
			naive, err := m.Sample(t.Context(), pixels.SampleConfig{Number: 20, Seed: 5, Class: class, Temperature: 0.1, Naive: true})
			if err != nil {
				t.Fatal(err)
			}
			for i := range quick {
				if !slices.Equal(quick[i], naive[i]) {
					t.Errorf("picture %d is\n%v, by whole passes\n%v", i, quick[i], naive[i])
				}
			}
			if slices.Equal(quick[0], quick[1]) {
				t.Error("two pictures are the same")
			}
			given := quick[0]
			completed, err := m.Complete(t.Context(), given, 9, pixels.SampleConfig{Number: 3, Seed: 6, Class: class})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range completed {
				if !slices.Equal(p[:9*m.Channels], given[:9*m.Channels]) {
					t.Errorf("completion %d is %v, the pixels known are %v", i, p, given[:9*m.Channels])
				}
			}
			if slices.Equal(completed[0], completed[1]) {
				t.Error("two completions are the same")
			}
		})
	}
}

// Causal wants no output to hear of its own value or of a later one, for all pairs of values; and those networks that see everything before a
// value, by sees, to see it.
func Causal[C pixelwise.Config](t *testing.T, id string, kinds map[string]C, sees func(c C, row, column, at int) bool) {
	for name, c := range kinds {
		t.Run(name, func(t *testing.T) {
			m, err := pixelwise.New(id, c, 3)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 2))
			pictures := make([][]float32, 20)
			for i := range pictures {
				for range m.Height * m.Width * m.Channels {
					pictures[i] = append(pictures[i], float32(rng.IntN(m.Levels))/float32(m.Levels-1))
				}
			}
			colours := m.Colours()
			for place := range m.Height * m.Width * colours {
				row, column, colour := place/colours/m.Width, place/colours%m.Width, place%colours
				heard, err := m.Reception(t.Context(), pictures, row, column, colour)
				if err != nil {
					t.Fatal(err)
				}
				first := place * m.Channels / colours // of the values that are still to come
				for at, v := range heard {
					if at >= first && v != 0 {
						t.Errorf("the output at row %d, column %d, colour %d hears of value %d, which comes later: %g", row, column, colour, at, v)
					}
					if at < first && v == 0 && sees(c, row, column, at) {
						t.Errorf("the output at row %d, column %d, colour %d doesn't hear of value %d, which comes before", row, column, colour, at)
					}
				}
			}
		})
	}
}

// Refuses wants a model that was told no classes to refuse what can't be drawn, measured or trained, in words.
func Refuses[C pixelwise.Config](t *testing.T, id string, cfg pixelwise.TrainConfig[C]) {
	ctx := context.Background()
	m, err := pixelwise.New(id, cfg.Model, 1)
	if err != nil {
		t.Fatal(err)
	}
	trained := func(change func(*pixelwise.TrainConfig[C])) func() error {
		return func() error {
			c := cfg
			c.Run = t.TempDir()
			change(&c)
			_, err := pixelwise.Train(ctx, id, c, Bars{})
			return err
		}
	}
	sampled := func(c pixels.SampleConfig) func() error {
		return func() error { _, err := m.Sample(ctx, c); return err }
	}
	picture := make([]float32, 36)
	one := pixels.SampleConfig{Number: 1}
	for want, do := range map[string]func() error{
		"number of pictures is 0": sampled(pixels.SampleConfig{}),
		"temperature is -1":       sampled(pixels.SampleConfig{Number: 1, Temperature: -1}),
		"class is 2: it must be 0, the model was trained without": sampled(pixels.SampleConfig{Number: 1, Class: 2}),
		"picture 0 has 5 values: it must have 36":                 func() error { _, err := m.Complete(ctx, picture[:5], 0, one); return err },
		"known pixels are 37":                                     func() error { _, err := m.Complete(ctx, picture, 37, one); return err },
		"picture 0 has 0.4 at place 0":                            func() error { _, err := m.Complete(ctx, []float32{0.4, 35: 0}, 6, one); return err },
		"row 6, column 0":                                         func() error { _, err := m.Distribution(ctx, picture, 6, 0, 0); return err },
		id + ": rate is -1":                                       trained(func(c *pixelwise.TrainConfig[C]) { c.Rate = -1 }),
		id + ": total is -1":                                      trained(func(c *pixelwise.TrainConfig[C]) { c.Total = -1 }),
		id + ": warm_up is 500":                                   trained(func(c *pixelwise.TrainConfig[C]) { c.WarmUp = 500 }),
		"no run in":                                               func() error { _, err := pixelwise.Open[C](id, t.TempDir()); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v: it must say %q", err, want)
		}
	}
}
