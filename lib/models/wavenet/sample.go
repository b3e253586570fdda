package wavenet

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// SampleConfig says what to say.
type SampleConfig struct {
	Number  int     `flag:"number" short:"n" help:"how many voices at once"`
	Speaker string  `flag:"speaker" help:"who speaks, of those in training (default the first)"`
	Digit   string  `flag:"digit" help:"what to say, of what was said in training (default the first)"`
	Seconds float64 `flag:"seconds" help:"how long"`
	// Temperature 0 always takes the likeliest code; 1 draws from the model's own distribution.
	Temperature float64 `flag:"temperature" help:"0 takes the likeliest; lower is less noisy, 1 is as the model hears it"`
	Seed        uint64  `flag:"seed" help:"the same seed gives the same sound"`

	// Stream, when given, gets each piece as it comes: of each voice, in [-1, 1]. An error of it ends the sampling.
	Stream func(voices [][]float32) error
}

// chunk is the number of samples that one call of the compiled loop makes.
const chunk = 1000

// maxSamples is as many as their numbers are exact for.
const maxSamples = 1 << 30

func (c SampleConfig) validate(m Config) error {
	switch {
	case c.Number < 1:
		return fmt.Errorf("wavenet: number is %d: it must be at least 1", c.Number)
	case !(c.Temperature >= 0):
		return fmt.Errorf("wavenet: temperature is %g: it must be at least 0", c.Temperature)
	case !(c.Seconds > 0) || c.Seconds*float64(m.SampleRate) > maxSamples:
		return fmt.Errorf("wavenet: seconds is %g: it must be positive, and %d samples at most", c.Seconds, maxSamples)
	case m.SampleRate < 1:
		return fmt.Errorf("wavenet: sample_rate is %d: it must be that of the recordings, in samples a second", m.SampleRate)
	case m.Local > 0:
		return fmt.Errorf("wavenet: local_channels is %d: it must be 0 to sample, for nothing says what the condition would be", m.Local)
	}
	return nil
}

// Condition is the global condition for a speaker and a digit, of those that the model was trained on; "" is the first. It is empty where the model
// knows none.
func (c Config) Condition(speaker, digit string) ([]float32, error) {
	condition := make([]float32, c.Global)
	for _, part := range []struct {
		name, value string
		of          []string
		from        int
	}{{"speaker", speaker, c.Speakers, 0}, {"digit", digit, c.Digits, len(c.Speakers)}} {
		at := 0
		if part.value != "" {
			if at = slices.Index(part.of, part.value); at < 0 {
				return nil, fmt.Errorf("wavenet: %s is %q: it must be one of those in training, %s", part.name, part.value, list(part.of))
			}
		}
		if len(part.of) > 0 {
			condition[part.from+at] = 1
		}
	}
	return condition, nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Sample makes sound from silence on: samples in [-1, 1] of each voice, at the config's rate. The loop over samples is one compiled
// graph, called once for each 1000 of them.
func (m *Model) Sample(ctx context.Context, c SampleConfig) ([][]float32, error) {
	if err := c.validate(m.Config); err != nil {
		return nil, err
	}
	condition, err := m.Config.Condition(c.Speaker, c.Digit)
	if err != nil {
		return nil, err
	}
	state := m.silence(c.Number)
	voices := make([][]float32, c.Number)
	length := max(1, int(c.Seconds*float64(m.Config.SampleRate)))
	for done := 0; done < length; done += chunk {
		inputs := []any{[]uint32{uint32(c.Seed >> 32), uint32(c.Seed)}, int32(done), float32(c.Temperature)}
		if len(condition) > 0 {
			inputs = append(inputs, condition)
		}
		out, err := m.run.Call(ctx, "sample", m.sampling, append(inputs, state...)...)
		if err != nil {
			return voices, err
		}
		for i, t := range out[1:] {
			state[i] = t
		}
		flat, err := tensors.CopyFlatData[float32](out[0]) // [chunk, number]
		if err != nil {
			return voices, fmt.Errorf("wavenet: reading the samples: %w", err)
		}
		piece := make([][]float32, c.Number)
		for i := range piece {
			for t := range min(chunk, length-done) {
				piece[i] = append(piece[i], flat[t*c.Number+i])
			}
			voices[i] = append(voices[i], piece[i]...)
		}
		if c.Stream != nil {
			if err := c.Stream(piece); err != nil {
				return voices, err
			}
		}
	}
	return voices, nil
}

// silence is the state before the first sample: the code of silence, and empty queues.
func (m *Model) silence(number int) []any {
	codes := make([]int32, number)
	for i := range codes {
		codes[i] = Silence(m.Config.Classes)
	}
	state := []any{tensors.FromFlatDataAndDimensions(codes, number, 1)}
	for _, length := range m.Config.queueLengths() {
		state = append(state, tensors.FromShape(shapes.Make(dtypes.Float32, number, length, m.Config.Residual)))
	}
	return state
}

// sampling is the graph that makes a chunk. Its inputs are the random key, the number of samples made before, the temperature, the global
// condition if there is one, the last codes [number, 1] and the queues; its outputs the samples [chunk, number], the codes and the queues.
func (m *Model) sampling(s *model.Scope, in []*graph.Node) []*graph.Node {
	key, done, temperature, state := in[0], in[1], in[2], in[3:]
	given := Condition{}
	if m.Config.Global > 0 {
		given.Global, state = graph.InsertAxes(in[3], 0), in[4:]
	}
	conditions := m.net.conditions(s, given)
	final, ys := nn.Scan(nn.ScanConfig{Length: chunk, Unroll: nn.UnrollNever, NoGradient: true}, state, nil,
		func(step *graph.Node, state, _ []*graph.Node) (next, y []*graph.Node) {
			place := graph.Add(done, step)
			logits, queues := m.net.next(s, place, state[0], conditions, state[1:])
			code := draw(key, place, temperature, logits)
			return append([]*graph.Node{graph.InsertAxes(code, -1)}, queues...), []*graph.Node{Decode(code, m.Config.Classes)}
		})
	return append(ys, final...)
}

// draw takes the code after the one at a place. logits: [batch, classes], code: int32 [batch].
func draw(key, place, temperature, logits *graph.Node) *graph.Node {
	drawn := nn.Drawing{Temperature: temperature}.Token(nn.Fold(key, graph.ConvertDType(place, dtypes.Uint32)), logits)
	bold := graph.GreaterThan(temperature, graph.ZerosLike(temperature))
	return graph.Where(graph.BroadcastToDims(bold, drawn.Shape().Dimensions...), drawn, nn.ArgMax(logits))
}
