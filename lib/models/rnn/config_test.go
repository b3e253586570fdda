package rnn

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// bare is characters without those that follow them, in n batches.
type bare int

func (b bare) Steps() int { return int(b) }

func (bare) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	batch, err := verse{"ab"}.Batch(epoch, step)
	return batch[:1], err
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	m, err := New(tiny("rnn"), 1)
	if err != nil {
		t.Fatal(err)
	}
	sample := func(c SampleConfig) func() error {
		return func() error { _, err := m.Sample(ctx, c); return err }
	}
	for _, c := range []struct {
		want string
		do   func() error
	}{
		{`cell is "lsmt"`, func() error { c := tiny("lsmt"); return c.Validate() }},
		{"vocab has 0 characters", func() error { return Default().Validate() }},
		{"dropout is 1", func() error { c := tiny("lstm"); c.Dropout = 1; return c.Validate() }},
		{"hidden_size is 0", func() error { _, err := NewArticle(ArticleConfig{InputSize: 1, OutputSize: 1}); return err }},
		{"epochs is 0", func() error { p := DefaultProgram(); p.Epochs = 0; return p.Run(ctx, nil) }},
		{"rate is -1", func() error {
			_, err := Train(ctx, TrainConfig{Model: tiny("lstm"), Rate: -1}, verse{"ab"})
			return err
		}},
		{"two tensors of characters", func() error { _, err := m.Loss(ctx, bare(1)); return err }},
		{"has no batch", func() error { _, err := m.Loss(ctx, bare(0)); return err }},
		{"no run in", func() error { _, err := Open(t.TempDir()); return err }},
		{"length is 0", sample(SampleConfig{})},
		{"temperature is -1", sample(SampleConfig{Length: 1, Temperature: -1})},
		{"top_p is 2", sample(SampleConfig{Length: 1, TopP: 2})},
		{"top_k is -2", sample(SampleConfig{Length: 1, TopK: -2})},
		{"character 2 of the prompt is 'Q'", sample(SampleConfig{Length: 1, Prompt: "aQ"})},
	} {
		if err := c.do(); err == nil || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}
