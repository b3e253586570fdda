package gan

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// around is made data: points around 3.
type around struct{}

func (around) Steps() int { return 50 }

func (around) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	rng := rand.New(rand.NewPCG(uint64(epoch), uint64(step)))
	x := make([][]float32, 32)
	for i := range x {
		x[i] = []float32{float32(3 + 0.5*rng.NormFloat64())}
	}
	return []*tensors.Tensor{tensors.FromValue(x)}, nil
}

// judged is the discriminator's word on a sample.
func judged(t *testing.T, m *Model) float32 {
	t.Helper()
	x, err := m.Sample(t.Context(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.Judge(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return y[0]
}

func TestTrainOpenSample(t *testing.T) {
	ctx := context.Background()
	for _, loss := range []nn.GANLoss{nn.GANBCE, nn.WGANGP, nn.GANHinge} {
		run := filepath.Join(t.TempDir(), "run")
		epochs := 0
		m, err := Train(ctx, TrainConfig{
			Model: Tiny(), Loss: loss, Rate: 5e-3, DSteps: 2, Seed: 1,
			AfterEpoch: func(context.Context, *Model, int, string) error { epochs++; return nil },
			Options:    train.Options{Run: run, Epochs: 6, Watch: func(train.Progress) {}},
		}, around{})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := Open(run)
		if err != nil {
			t.Fatal(err)
		}
		g, d := filepath.Join(t.TempDir(), "g.safetensors"), filepath.Join(t.TempDir(), "d.safetensors")
		if err := errors.Join(m.Generator().Save(g), m.Discriminator().Save(d)); err != nil {
			t.Fatal(err)
		}
		other, err := New(Tiny(), 9)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(other.Generator().Load(g), other.Discriminator().Load(d)); err != nil {
			t.Fatal(err)
		}
		if a, b := judged(t, m), judged(t, other); a != b {
			t.Errorf("a model saved and loaded judges %g, not %g", b, a)
		}
		x, err := m.Sample(ctx, 500, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := opened.Sample(ctx, 500, 1)
		if err != nil {
			t.Fatal(err)
		}
		var mean float64
		for i := range x {
			mean += float64(x[i][0]) / 500
			if x[i][0] != again[i][0] {
				t.Fatalf("trained and opened give %g and %g", x[i][0], again[i][0])
			}
		}
		if math.Abs(mean-3) > 0.5 || epochs != 6 {
			t.Errorf("loss %q: samples around %.2f, want 3; %d epochs", loss, mean, epochs)
		}
		logits, err := opened.Judge(ctx, [][]float32{{3}, {30}})
		if err != nil || len(logits) != 2 {
			t.Errorf("logits %v, error %v", logits, err)
		}
		if _, err := opened.Judge(ctx, [][]float32{{1, 2}}); err == nil || !strings.Contains(err.Error(), "has 2 values") {
			t.Errorf("error %v", err)
		}
	}
}

func TestRefuses(t *testing.T) {
	for want, cfg := range map[string]TrainConfig{
		"dims is 0":       {Model: Config{NZ: 1, Hidden: 1, Layers: 1}},
		`loss is "lsgan"`: {Model: Tiny(), Loss: "lsgan"},
		"rate is -1":      {Model: Tiny(), Rate: -1},
		"penalty is 1":    {Model: Tiny(), Penalty: 1},
		"d_steps is -1":   {Model: Tiny(), DSteps: -1},
	} {
		if _, err := Train(context.Background(), cfg, around{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
