package wavenet

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/audio"
)

// single is a data set of one batch.
type single []*tensors.Tensor

func (single) Steps() int { return 1 }

func (b single) Batch(_, _ int) ([]*tensors.Tensor, error) { return b, nil }

// TestExpect holds that the probabilities of what came are those that the loss counts.
func TestExpect(t *testing.T) {
	m, err := New(told(), 3)
	if err != nil {
		t.Fatal(err)
	}
	r := audio.Made(1)[3]
	samples := r.Samples[:300]
	expected, err := m.Expect(t.Context(), samples, "", "7")
	if err != nil {
		t.Fatal(err)
	}
	codes := []int32{Silence(256)}
	bits := 0.0
	for i, x := range samples {
		code := audio.MuLaw(x, 256)
		codes = append(codes, code)
		bits -= math.Log2(float64(expected[i][code])) / float64(len(samples))
	}
	want, err := m.Loss(t.Context(), single{tensors.FromValue([][]int32{codes}), tensors.FromValue([][]float32{{1, 0, 1}})})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(bits-want) > 1e-4 {
		t.Errorf("%g bits a sample, the loss is %g", bits, want)
	}
	if _, err := m.Expect(t.Context(), nil, "", ""); err == nil {
		t.Error("no sample is accepted")
	}
	if _, err := m.Expect(t.Context(), samples, "", "9"); err == nil {
		t.Error("a digit that wasn't in training is accepted")
	}
}
