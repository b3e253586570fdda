package wavenet

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/train"
)

// tones is made data: each row a sine whose pitch its condition tells, the last samples of it missing.
type tones struct{}

func (tones) Steps() int { return 60 }

func (tones) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	x, global := make([][]int32, 4), make([][]float32, 4)
	for i := range x {
		pitch := i % 2
		global[i] = hot(1+pitch, 3)
		global[i][0] = 1
		for t := range 200 {
			y := 0.5 * math.Sin(float64(t+17*step+epoch+i)*0.2*float64(1+pitch))
			x[i] = append(x[i], int32((y+1)/2*255))
		}
		for t := 200 - 10*i; t < 200; t++ {
			x[i][t] = -1
		}
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(global)}, nil
}

func TestTrainOpenSample(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	c := TrainConfig{Model: told(), Rate: 1e-2, Seed: 1, Options: train.Options{Run: run, Epochs: 2, Watch: func(train.Progress) {}}}
	c.Validation = tones{}
	m, err := Train(t.Context(), c, tones{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := train.ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	_, losses := train.Series(records, "loss")
	if first, last := losses[0], losses[len(losses)-1]; math.Abs(first-8) > 2 || last > 4 { // 8 bits: nothing is known
		t.Errorf("the loss went from %g bits to %g", first, last)
	}
	_, validation := train.Series(records, "validation_loss")
	if len(validation) != 2 || !(validation[1] < losses[0]/2) {
		t.Errorf("validation losses %v", validation)
	}

	say := SampleConfig{Number: 1, Seconds: 0.02, Temperature: 1}
	want, err := m.Sample(t.Context(), say)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := opened.Sample(t.Context(), say); err != nil || !slices.Equal(got[0], want[0]) {
		t.Errorf("the opened model says something else (%v)", err)
	}
	file := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := m.Save(file); err != nil {
		t.Fatal(err)
	}
	fresh, err := New(told(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Load(file); err != nil {
		t.Fatal(err)
	}
	if got, err := fresh.Sample(t.Context(), say); err != nil || !slices.Equal(got[0], want[0]) {
		t.Errorf("the loaded model says something else (%v)", err)
	}
}

// TestLossLeavesOut wants what stands for nothing to change no loss, however much of it there is.
func TestLossLeavesOut(t *testing.T) {
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	loss := func(x [][]int32) float64 {
		value, err := m.Loss(t.Context(), one{x})
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	short := loss([][]int32{{1, 2, 3, 100, 5}})
	if long := loss([][]int32{{1, 2, 3, 100, 5, -1, -1, -1}}); math.Abs(long-short) > 1e-5 {
		t.Errorf("the loss is %g, and %g with nothing after it", short, long)
	}
	if other := loss([][]int32{{1, 2, 3, 100, 6}}); other == short {
		t.Errorf("the last code changes no loss")
	}
}

// one is a data set of one batch.
type one struct{ x [][]int32 }

func (one) Steps() int { return 1 }

func (o one) Batch(int, int) ([]*tensors.Tensor, error) {
	return []*tensors.Tensor{tensors.FromValue(o.x)}, nil
}

func TestRefusals(t *testing.T) {
	with := func(change func(*Config)) error {
		c := Tiny()
		change(&c)
		return c.Validate()
	}
	for want, err := range map[string]error{
		"layers is 0":                   with(func(c *Config) { c.Layers = 0 }),
		"layers is 21":                  with(func(c *Config) { c.Layers = 21 }),
		"classes is 1":                  with(func(c *Config) { c.Classes = 1 }),
		"kernel_size is 1":              with(func(c *Config) { c.Kernel = 1 }),
		"global_channels is 0":          with(func(c *Config) { c.Digits = []string{"7"} }),
		"rate is -1: it must be positi": TrainConfig{Model: Tiny(), Rate: -1}.validate(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if got := Default().ReceptiveField(); got != 256 {
		t.Errorf("the default hears %d samples", got)
	}
}
