package wavenet

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// told is tiny, with a speaker and two digits.
func told() Config {
	c := Tiny()
	c.Speakers, c.Digits, c.Global = []string{"ann"}, []string{"3", "7"}, 3
	return c
}

// TestSampleAsNaive holds the loop with queues against the naive way, the whole sound heard for each sample, with the same random numbers:
// after what was made so far, every sample must be the one that is drawn next. It goes on from one chunk to the next.
func TestSampleAsNaive(t *testing.T) {
	const length, number = chunk + chunk/2, 2
	m, err := New(told(), 3)
	if err != nil {
		t.Fatal(err)
	}
	made, err := m.Sample(t.Context(), SampleConfig{Number: number, Digit: "7", Seconds: length / 8000.0, Temperature: 0.02, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.run.Call(t.Context(), "naive", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		x := in[0]
		codes := Encode(x, 256)
		before := graph.Concatenate([]*graph.Node{graph.AddScalar(graph.ZerosLike(graph.Slice(codes, graph.AxisRange(), graph.AxisRange(0, 1))), Silence(256)),
			graph.Slice(codes, graph.AxisRange(), graph.AxisRange(0, length-1))}, 1)
		logits := graph.Transpose(m.net.Forward(s, before, Condition{Global: in[2]}), 0, 1)
		temperature := graph.Scalar(x.Graph(), logits.DType(), 0.02)
		_, drawn := nn.Scan(nn.ScanConfig{NoGradient: true}, []*graph.Node{temperature}, []*graph.Node{logits},
			func(place *graph.Node, state, x []*graph.Node) (next, y []*graph.Node) {
				return state, []*graph.Node{draw(in[1], place, state[0], x[0])}
			})
		return []*graph.Node{graph.Sub(graph.Transpose(drawn[0], 0, 1), codes)}
	}, made, []uint32{0, 5}, [][]float32{{1, 0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	different := 0
	for _, row := range out[0].Value().([][]int32) {
		for _, d := range row {
			if d != 0 {
				different++
			}
		}
	}
	if different > 0 {
		t.Errorf("%d of %d samples differ from those drawn without queues", different, number*length)
	}
}

func hot(at, of int) []float32 {
	list := make([]float32, of)
	list[at] = 1
	return list
}

// TestSampleGoesOn wants pieces that join without a seam, the sound that the seed decides, and others for another digit or seed.
func TestSampleGoesOn(t *testing.T) {
	m, err := New(told(), 3)
	if err != nil {
		t.Fatal(err)
	}
	var streamed []float32
	c := SampleConfig{Number: 1, Seconds: 1.5 * chunk / 8000, Temperature: 1, Seed: 1}
	c.Stream = func(voices [][]float32) error { streamed = append(streamed, voices[0]...); return nil }
	first, err := m.Sample(t.Context(), c)
	if err != nil || len(first[0]) != 1.5*chunk || !slices.Equal(first[0], streamed) {
		t.Fatalf("%d samples, %d streamed, %v", len(first[0]), len(streamed), err)
	}
	c.Stream = nil
	for name, other := range map[string]SampleConfig{
		"seed": {Number: 1, Seconds: c.Seconds, Temperature: 1, Seed: 2}, "digit": {Number: 1, Digit: "7", Seconds: c.Seconds, Temperature: 1, Seed: 1},
		"temperature": {Number: 1, Seconds: c.Seconds, Temperature: 0.3, Seed: 1},
	} {
		if made, err := m.Sample(t.Context(), other); err != nil || slices.Equal(made[0], first[0]) {
			t.Errorf("another %s gives the same sound (%v)", name, err)
		}
	}
	if again, err := m.Sample(t.Context(), c); err != nil || !slices.Equal(again[0], first[0]) {
		t.Errorf("the same seed gives another sound (%v)", err)
	}
	still := SampleConfig{Number: 2, Seconds: 0.01, Seed: 1}
	if likeliest, err := m.Sample(t.Context(), still); err != nil || !slices.Equal(likeliest[0], likeliest[1]) {
		t.Errorf("at temperature 0 two voices differ (%v)", err)
	}
	stop := errors.New("enough")
	c.Stream = func([][]float32) error { return stop }
	if _, err := m.Sample(t.Context(), c); !errors.Is(err, stop) {
		t.Errorf("the listener's error is %v", err)
	}
}

func TestSampleRefusals(t *testing.T) {
	m, err := New(told(), 1)
	if err != nil {
		t.Fatal(err)
	}
	good := SampleConfig{Number: 1, Seconds: 1, Temperature: 1}
	for want, change := range map[string]func(*SampleConfig){
		"number is 0":                    func(c *SampleConfig) { c.Number = 0 },
		"seconds is 0":                   func(c *SampleConfig) { c.Seconds = 0 },
		"seconds is NaN":                 func(c *SampleConfig) { c.Seconds = math.NaN() },
		"temperature is NaN":             func(c *SampleConfig) { c.Temperature = math.NaN() },
		`speaker is "bob": it must be`:   func(c *SampleConfig) { c.Speaker = "bob" },
		`digit is "8": it must be one o`: func(c *SampleConfig) { c.Digit = "8" },
	} {
		c := good
		change(&c)
		if _, err := m.Sample(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
