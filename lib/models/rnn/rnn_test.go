package rnn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend/backendtest"
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

// draw gives each character its share of u, and none to those that top-k or top-p leave out.
func TestDraw(t *testing.T) {
	p := []float64{0.1, 0.4, 0.05, 0.25, 0.2}
	logits := make([]float32, len(p))
	for i, v := range p {
		logits[i] = float32(math.Log(v))
	}
	cases := []struct {
		options []float32
		want    []float64
	}{
		{[]float32{1, 5, 1}, p},
		{[]float32{1, 2, 1}, []float64{0, 0.4 / 0.65, 0, 0.25 / 0.65, 0}},
		{[]float32{1, 1, 1}, []float64{0, 1, 0, 0, 0}},
		{[]float32{1, 5, 0.7}, []float64{0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85}},
		{[]float32{1, 5, 1e-6}, []float64{0, 1, 0, 0, 0}},
		{[]float32{0.5, 5, 1}, []float64{0.01 / 0.275, 0.16 / 0.275, 0.0025 / 0.275, 0.0625 / 0.275, 0.04 / 0.275}},
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		exec := map[bool]*graph.Exec{}
		for _, cut := range []bool{false, true} {
			exec[cut] = graph.MustNewExec(b, func(logits, options, u *graph.Node) *graph.Node { return draw(logits, options, u, cut) })
			defer exec[cut].Finalize()
		}
		for _, c := range cases {
			cut := c.options[1] < 5 || c.options[2] < 1
			const n = 400
			got := make([]float64, len(p))
			for i := range n {
				out, err := exec[cut].Call1(logits, c.options, float32((float64(i)+0.5)/n))
				if err != nil {
					t.Fatal(err)
				}
				got[tensors.ToScalar[int32](out)] += 1.0 / n
			}
			for i := range got {
				if math.Abs(got[i]-c.want[i]) > 1.5/n {
					t.Errorf("options %v: shares %.3f, want %.3f", c.options, got, c.want)
					break
				}
			}
		}
	})
}

// The article's program learns its random labels by heart, a little.
func TestProgram(t *testing.T) {
	var losses []float64
	p := DefaultProgram()
	p.Epochs = 30
	err := p.Run(context.Background(), func(epoch int, loss float64) {
		if losses = append(losses, loss); epoch != len(losses) {
			t.Errorf("epoch %d comes after %d", epoch, len(losses)-1)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(losses) != 30 || math.Abs(losses[0]-math.Log(10)) > 0.3 || losses[29] > losses[0]-0.05 {
		t.Errorf("losses %v", losses)
	}
}

// bare is characters without those that follow them, in so many batches.
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
		{"asked for 0 characters", sample(SampleConfig{})},
		{"temperature is -1", sample(SampleConfig{Length: 1, Temperature: -1})},
		{"top-p is 2", sample(SampleConfig{Length: 1, TopP: 2})},
		{"top-k is -2", sample(SampleConfig{Length: 1, TopK: -2})},
		{"character 2 of the prompt is 'Q'", sample(SampleConfig{Length: 1, Prompt: "aQ"})},
	} {
		if err := c.do(); err == nil || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}

func TestInspect(t *testing.T) {
	ctx := context.Background()
	m, err := New(tiny("lstm"), 1)
	if err != nil {
		t.Fatal(err)
	}
	gates, err := m.Gates(ctx, "abcab")
	if err != nil {
		t.Fatal(err)
	}
	if len(gates.Forget) != 5 || len(gates.Forget[0]) != 32 || gates.Forget[0][0] == gates.Forget[3][0] {
		t.Errorf("forget gates %v", gates.Forget)
	}
	// The gates and the state they make are those of the layer: o·tanh(i·c) after the first character.
	state, err := m.read(ctx, []int32{1})
	if err != nil {
		t.Fatal(err)
	}
	h := tensors.MustCopyFlatData[float32](state[0].(*tensors.Tensor))
	for j := range h {
		want := float64(gates.Output[0][j]) * math.Tanh(float64(gates.Input[0][j]*gates.Candidate[0][j]))
		if math.Abs(float64(h[j])-want) > 1e-5 {
			t.Fatalf("cell %d gives %g, its gates %g", j, h[j], want)
		}
	}
	reach, err := m.Reach(ctx, strings.Repeat("abcdef", 5))
	if err != nil {
		t.Fatal(err)
	}
	if len(reach) != 29 || !(reach[28] > 100*reach[0]) {
		t.Errorf("a fresh LSTM looks back %v", reach)
	}
}

// torchTraining is what tests/parity/rnn.py trained: a model of two layers of 5 cells, on two lanes of four batches of 5 characters.
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
	if err := m.createState(c); err != nil {
		t.Fatal(err)
	}
	step := Step(m.net, nn.NewAdam(2e-2), 0.2, c.Steps())
	for epoch := range 3 {
		for i := range 4 {
			batch, err := c.Batch(epoch, i)
			if err != nil {
				t.Fatal(err)
			}
			out, err := m.run.Call(context.Background(), "step", step, batch[0], batch[1])
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
