package rnn

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// verse is made data: two rows of one verse that goes round and round, each batch going on where the last one ended.
type verse struct{ text string }

const vocab = "\nabcdef"

func (v verse) Steps() int { return 30 }

func (v verse) Batch(_, step int) ([]*tensors.Tensor, error) {
	const length = 20
	x, y := make([]int32, 2*length), make([]int32, 2*length)
	for row := range 2 {
		for i := range length {
			at := row*3 + step*length + i
			x[row*length+i] = int32(strings.IndexByte(vocab, v.text[at%len(v.text)]))
			y[row*length+i] = int32(strings.IndexByte(vocab, v.text[(at+1)%len(v.text)]))
		}
	}
	return []*tensors.Tensor{tensors.FromFlatDataAndDimensions(x, 2, length), tensors.FromFlatDataAndDimensions(y, 2, length)}, nil
}

func tiny(cell string) Config {
	c := Tiny()
	c.Cell, c.Vocab = cell, vocab
	return c
}

func options(run string, epochs int) train.Options {
	return train.Options{Run: run, Epochs: epochs, Watch: func(train.Progress) {}}
}

// The verse can't be told from one character alone: "ab" is followed by c or d, by turns.
func TestTrainOpenSample(t *testing.T) {
	ctx, run := context.Background(), filepath.Join(t.TempDir(), "run")
	data := verse{"abcabd\n"}
	cfg := TrainConfig{Model: tiny("lstm"), Rate: 2e-2, Seed: 1, Validation: data, Options: options(run, 4)}
	m, err := Train(ctx, cfg, data)
	if err != nil {
		t.Fatal(err)
	}
	records, err := train.ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	if _, loss := train.Series(records, "validation_loss"); len(loss) != 4 || loss[3] > 0.1 {
		t.Errorf("validation losses %v", loss)
	}
	var streamed strings.Builder
	text, err := m.Sample(ctx, SampleConfig{Prompt: "abcabd\n", Length: 300, Stream: func(s string) error {
		streamed.WriteString(s)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("abcabd\n", 43)[:300]; text != want || streamed.String() != want {
		t.Errorf("wrote %q and streamed %q", text, streamed.String())
	}
	opened, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	hot := SampleConfig{Length: 300, Temperature: 3, Seed: 5}
	a, err := m.Sample(ctx, hot)
	if err != nil {
		t.Fatal(err)
	}
	b, err := opened.Sample(ctx, hot)
	if err != nil {
		t.Fatal(err)
	}
	hot.Seed = 6
	if c, err := opened.Sample(ctx, hot); a != b || a == c || err != nil {
		t.Errorf("texts of one seed: %q and %q, of another: %q, %v", a, b, c, err)
	}
	stop := errors.New("enough")
	if _, err := m.Sample(ctx, SampleConfig{Length: 100, Stream: func(string) error { return stop }}); !errors.Is(err, stop) {
		t.Errorf("the stream's error is lost: %v", err)
	}
}

// A training that was interrupted inside an epoch ends with the numbers of one that wasn't: the carried state is in the checkpoint.
func TestResume(t *testing.T) {
	data := verse{"abcabd\nabef\n"}
	whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	cfg := TrainConfig{Model: tiny("gru"), Seed: 1}
	cfg.Options = options(whole, 2)
	m, err := Train(context.Background(), cfg, data)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Loss(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cfg.Options = options(parts, 2)
	if _, err := Train(ctx, cfg, stopping{data, stop}); !errors.Is(err, train.ErrInterrupted) {
		t.Fatalf("interrupted: %v", err)
	}
	if m, err = Train(context.Background(), cfg, data); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Loss(context.Background(), data); err != nil || math.Abs(got-want) > 1e-6 {
		t.Errorf("loss %g after an interruption, %g without; %v", got, want, err)
	}
}

// stopping ends the training when it makes the batch of step 17.
type stopping struct {
	verse
	stop func()
}

func (s stopping) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if step == 17 {
		s.stop()
	}
	return s.verse.Batch(epoch, step)
}

// torchTraining is what peer/lstm.py trained: a model of two layers of 5 cells, on two lanes of four batches of 5 characters.
type torchTraining struct {
	Cell               string
	Tokens             [][]int32
	Params             map[string][]float32
	Losses, Validation []float64
}

func (torchTraining) Steps() int { return 4 }

func (c torchTraining) Batch(_, step int) ([]*tensors.Tensor, error) {
	x, y := make([][]int32, 2), make([][]int32, 2)
	for row, tokens := range c.Tokens {
		x[row], y[row] = tokens[5*step:5*step+5], tokens[5*step+1:5*step+6]
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y)}, nil
}

// From PyTorch's first weights, every step's loss and every epoch's validation loss are PyTorch's.
func TestTrainsAsPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/training.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []torchTraining }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		t.Run(c.Cell, c.check)
	}
}

func (c torchTraining) check(t *testing.T) {
	m, err := New(Config{Cell: c.Cell, Vocab: vocab[1:], Embed: 4, Hidden: 5, Layers: 2}, 1)
	if err != nil {
		t.Fatal(err)
	}
	state := &torch.StateDict{}
	for path, p := range nn.Params(m.net) {
		value, err := torch.FromGoMLX(tensors.FromFlatDataAndDimensions(c.Params[path], p.Shape...))
		if err != nil {
			t.Fatal(err)
		}
		state.Set(path, value)
	}
	weights := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := torch.Write(weights, state); err != nil {
		t.Fatal(err)
	}
	if err := m.Load(weights); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(weights); err != nil {
		t.Fatal(err)
	}
	if err := m.Load(weights); err != nil {
		t.Fatal(err)
	}
	step := Step(m.net, TrainConfig{Rate: 2e-2, Clip: 0.2}, c.Steps())
	for epoch := range 3 {
		for i := range 4 {
			batch, err := c.Batch(epoch, i)
			if err != nil {
				t.Fatal(err)
			}
			out, err := m.run.Call(context.Background(), "step", func(s *model.Scope, in []*graph.Node) []*graph.Node {
				return step(s, in).Metrics
			}, batch[0], batch[1])
			if err != nil {
				t.Fatal(err)
			}
			if got, want := float64(tensors.ToScalar[float32](out[0])), c.Losses[4*epoch+i]; math.Abs(got-want) > 1e-4 {
				t.Errorf("epoch %d, step %d: loss %g, PyTorch's %g", epoch+1, i+1, got, want)
			}
		}
		if got, err := m.Loss(context.Background(), c); err != nil || math.Abs(got-c.Validation[epoch]) > 1e-4 {
			t.Errorf("epoch %d: validation loss %g, PyTorch's %g; %v", epoch+1, got, c.Validation[epoch], err)
		}
	}

	// The same from the file of first weights.
	_, err = Train(context.Background(), TrainConfig{
		Model: m.Config, Rate: 2e-2, Clip: 0.2, Seed: 2, Start: weights, Options: train.Options{Run: t.TempDir(), Epochs: 3},
		AfterEpoch: func(ctx context.Context, m *Model, epoch int, _ string) error {
			if got, err := m.Loss(ctx, c); err != nil || math.Abs(got-c.Validation[epoch-1]) > 1e-4 {
				t.Errorf("epoch %d from a file: validation loss %g, PyTorch's %g; %v", epoch, got, c.Validation[epoch-1], err)
			}
			return nil
		},
	}, c)
	if err != nil {
		t.Fatal(err)
	}
}
