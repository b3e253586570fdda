package bert

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/train"
)

// pairs is made data: each text is a piece twice, the second time blanked.
type pairs struct{}

func (pairs) Steps() int { return 30 }

func (pairs) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	x, y := make([][]int32, 8), make([][]int32, 8)
	for i := range x {
		piece := int32(5 + (i+step)%8)
		x[i], y[i] = []int32{2, piece, 4, 3}, []int32{Ignore, Ignore, piece, Ignore}
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y)}, nil
}

// spans is made data: the answer stands after piece 4; without one there is none.
type spans struct{ pairs }

func (spans) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	x, y, mask, types := make([][]int32, 8), make([][]int32, 8), make([][]int32, 8), make([][]int32, 8)
	for i := range x {
		w, first := window(i + step)
		x[i], y[i], types[i], mask[i] = w.Pieces, []int32{int32(first), int32(first)}, w.Types, []int32{1, 1, 1, 1, 1, 1, 1}
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y), tensors.FromValue(mask), tensors.FromValue(types)}, nil
}

// window is a question's, and where its answer stands; 0 for none.
func window(n int) (w Window, first int) {
	pieces := []int32{2, 5, 3, int32(6 + n%3), int32(6 + n%4), int32(6 + n%5), 3}
	if at := 3 + n%3; at < 5 {
		pieces[at], first = 4, at+1
	}
	return Window{pieces, []int32{0, 0, 0, 1, 1, 1, 1}, 3}, first
}

func small(head Head) Config {
	c := Tiny(13)
	c.Head, c.Context = head, 16
	return c
}

func trained(t *testing.T, c TrainConfig, epochs int, data train.Dataset) *Model {
	t.Helper()
	c.Rate, c.WarmUp, c.Clip, c.Seed, c.Validation, c.Options = 3e-3, 5, 1, 1, data, train.Options{Run: filepath.Join(t.TempDir(), "run"), Epochs: epochs, Watch: func(train.Progress) {}}
	m, err := Train(t.Context(), c, data)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(c.Run)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := m.Loss(t.Context(), data)
	b, errB := opened.Loss(t.Context(), data)
	if errA != nil || errB != nil || math.Abs(a-b) > 1e-6 || !(a < 0.5) {
		t.Errorf("trained, the loss is %g, opened again %g: %v, %v", a, b, errA, errB)
	}
	return opened
}

func TestTrainMasked(t *testing.T) {
	m := trained(t, TrainConfig{Model: small(MaskedLM)}, 4, pairs{})
	p, err := m.Fill(t.Context(), []int32{2, 9, 4, 3}, []int32{2})
	if err != nil || Best(p[0], 1)[0].Piece != 9 {
		t.Errorf("the blank of 9 is filled with %v, %v", Best(p[0], 3), err)
	}
	look, err := m.Inspect(t.Context(), []int32{2, 9, 4, 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(look.Hidden) != 3 || len(look.Attention) != 2 || len(look.Attention[0]) != 2 {
		t.Fatalf("%d hidden states, %d layers of attention", len(look.Hidden), len(look.Attention))
	}
	for _, head := range look.Attention[1] {
		sum := float32(0)
		for _, w := range head[2] {
			sum += w
		}
		if math.Abs(float64(sum-1)) > 1e-5 {
			t.Errorf("a query's weights sum to %g", sum)
		}
	}
	v, err := m.Embed(t.Context(), [][]int32{{2, 9, 3}, {2, 9, 8, 7, 6, 3}, {2, 9, 3}})
	if err != nil || v[0][0] != v[2][0] || v[0][0] == v[1][0] {
		t.Errorf("vectors %v, %v", v, err)
	}
}

func TestTrainSpan(t *testing.T) {
	m := trained(t, TrainConfig{Model: small(Span)}, 10, spans{})
	var questions [][]Window
	for n := range 9 {
		w, _ := window(n)
		questions = append(questions, []Window{w})
	}
	answers, err := m.Answers(t.Context(), questions)
	if err != nil {
		t.Fatal(err)
	}
	for n, a := range answers {
		_, first := window(n)
		if first == 0 && a.Score > 0 || first > 0 && (a.First != first || a.Last != first || a.Score < 0) {
			t.Errorf("question %d is answered by %+v, its answer stands at %d", n, a, first)
		}
	}
}

// TestPaddingIsNotSeen wants a text's vector the same, alone or beside a longer one.
func TestPaddingIsNotSeen(t *testing.T) {
	m, err := New(small(Embedder), 1)
	if err != nil {
		t.Fatal(err)
	}
	short, long := []int32{2, 9, 3}, []int32{2, 9, 8, 7, 6, 5, 5, 6, 7, 3}
	alone, err := m.Embed(t.Context(), [][]int32{short})
	if err != nil {
		t.Fatal(err)
	}
	both, err := m.Embed(t.Context(), [][]int32{long, short})
	if err != nil {
		t.Fatal(err)
	}
	if d := apart(alone[0], both[1]); d > 1e-6 {
		t.Errorf("beside a longer text a vector is %g apart", d)
	}
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	m, err := New(small(Embedder), 1)
	if err != nil {
		t.Fatal(err)
	}
	config := func(change func(*Config)) func() error {
		return func() error {
			c := small(MaskedLM)
			change(&c)
			return c.Validate()
		}
	}
	for want, do := range map[string]func() error{
		"hidden_size must be a multiple": config(func(c *Config) { c.Heads = 3 }),
		"hidden_act is":                  config(func(c *Config) { c.Activation = "silu" }),
		"num_labels is 0":                config(func(c *Config) { c.Head = Sequence }),
		`head is "x"`:                    config(func(c *Config) { c.Head = "x" }),
		"pad_token_id is 99":             config(func(c *Config) { c.Padding = 99 }),
		"layer_norm_eps is 0":            config(func(c *Config) { c.Eps = 0 }),
		"has no head that tells":         func() error { _, err := m.Fill(ctx, []int32{2, 4, 3}, []int32{1}); return err },
		"has no head that finds":         func() error { _, err := m.Answers(ctx, nil); return err },
		"has 17 pieces: it must have":    func() error { _, err := m.Embed(ctx, [][]int32{make([]int32, 17)}); return err },
		"has piece 13":                   func() error { _, err := m.Embed(ctx, [][]int32{{2, 13, 3}}); return err },
		"to train, it must be": func() error {
			_, err := Train(ctx, TrainConfig{Model: small(Embedder), Rate: 1, Options: train.Options{Run: t.TempDir(), Epochs: 1}}, pairs{})
			return err
		},
		"rate is -1": func() error {
			_, err := Train(ctx, TrainConfig{Model: small(MaskedLM), Rate: -1, Options: train.Options{Run: t.TempDir(), Epochs: 1}}, pairs{})
			return err
		},
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
