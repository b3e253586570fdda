package transformer

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/train"
)

// backwards is made data: texts of 1 to 5 tokens, to be said backwards.
type backwards struct{ steps int }

func (b backwards) Steps() int { return b.steps }

func (b backwards) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	rng := rand.New(rand.NewPCG(uint64(epoch), uint64(step)))
	source, target, labels := make([][]int32, 64), make([][]int32, 64), make([][]int32, 64)
	for i := range source {
		source[i], target[i], labels[i] = make([]int32, 6), make([]int32, 6), make([]int32, 6)
		n := 1 + rng.IntN(5)
		target[i][0] = Begin
		for j := range n {
			token := int32(4 + rng.IntN(6))
			source[i][j], labels[i][n-1-j], target[i][n-j] = token, token, token
		}
		source[i][n], labels[i][n] = End, End
	}
	return []*tensors.Tensor{tensors.FromValue(source), tensors.FromValue(target), tensors.FromValue(labels)}, nil
}

func trained(t *testing.T, run string, steps int) *Model {
	t.Helper()
	c := Tiny(10)
	c.MaxLength = 8
	m, err := Train(context.Background(), TrainConfig{
		Model: c, Seed: 1, WarmUp: 100, LabelSmoothing: 0.05,
		Options: train.Options{Run: run, Epochs: 1, Watch: func(train.Progress) {}},
	}, backwards{steps})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainTranslateOpen(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	m := trained(t, run, 400)
	sources := [][]int32{{4, 5, 6}, {9}, {7, 7, 8, 9, 4}, {5, 4}}
	opened, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m      *Model
		search SearchConfig
	}{{opened, SearchConfig{}}, {m, SearchConfig{Beam: 3}}} {
		found, err := c.m.Translate(context.Background(), sources, c.search)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range found {
			want := slices.Clone(sources[i])
			slices.Reverse(want)
			if !slices.Equal(h.Tokens, want) || !h.Ended {
				t.Errorf("%+v: %v becomes %+v, want %v", c.search, sources[i], h, want)
			}
		}
	}

	beams, err := m.Search(context.Background(), sources[:1], SearchConfig{Beam: 3})
	if err != nil {
		t.Fatal(err)
	}
	// The beams' history leads to the hypotheses.
	for j, h := range beams[0].Hypotheses {
		var tokens []int32
		for step, place := len(beams[0].Steps)-1, j; step >= 0; step-- {
			branch := beams[0].Steps[step][place]
			if branch.Token != Pad && branch.Token != End {
				tokens = append(tokens, branch.Token)
			}
			place = branch.Parent
		}
		slices.Reverse(tokens)
		if !slices.Equal(tokens, h.Tokens) {
			t.Errorf("beam %d: the history gives %v, the hypothesis is %v", j, tokens, h.Tokens)
		}
	}

	a, err := m.Attention(context.Background(), sources[0], beams[0].Hypotheses[0].Tokens)
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string][][][][]float32{"encoder": a.Encoder, "decoder": a.Decoder, "cross": a.Cross} {
		for q, row := range w[0][1] {
			var sum float64
			for _, v := range row {
				sum += float64(v)
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("%s: query %d looks %g in all", name, q, sum)
			}
		}
	}
	var logP float64
	for _, p := range a.LogP {
		logP += p
	}
	if math.Abs(logP-beams[0].Hypotheses[0].LogP) > 1e-3 {
		t.Errorf("the translation has log p %g, the search says %g", logP, beams[0].Hypotheses[0].LogP)
	}

	file := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := m.Save(file); err != nil {
		t.Fatal(err)
	}
	fresh, err := New(m.Config, 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Load(file); err != nil {
		t.Fatal(err)
	}
	found, err := fresh.Translate(context.Background(), sources[:1], SearchConfig{})
	if err != nil || !slices.Equal(found[0].Tokens, []int32{6, 5, 4}) {
		t.Errorf("a loaded model gives %v, %v", found, err)
	}
}
