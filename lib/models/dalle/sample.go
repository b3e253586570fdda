package dalle

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// SampleConfig says how to draw. The zero value draws from the model's own distribution.
type SampleConfig struct {
	Seed        uint64  // the same seed gives the same pictures
	Temperature float64 // less than 1 draws likelier pictures; 0 is 1
	// Guidance moves the codes' logits away from those without a caption: 1, or 0, leaves them, more obeys more and varies less.
	Guidance float64
	// Given, when not nil, are a picture's codes, [side·side]; the first Known of them are kept in all pictures.
	Given []int32
	Known int
	// Naive computes the whole transformer for every code, as a check and to see what it costs.
	Naive bool
}

// Drawn are pictures, with the codes that they were decoded from.
type Drawn struct {
	Pictures [][]float32 // [size·size·channels] in [0, 1]
	Codes    [][]int32   // [side·side], row by row
}

// Sample draws a picture for each caption, tokens [text length] with 0 where it has ended. Caption, codes and decoder are one compiled
// graph.
func (m *Model) Sample(ctx context.Context, captions [][]int32, c SampleConfig) (Drawn, error) {
	if c.Temperature == 0 {
		c.Temperature = 1
	}
	if c.Guidance == 0 {
		c.Guidance = 1
	}
	side := m.Config.Pictures.side()
	if c.Given == nil {
		c.Given = make([]int32, side*side)
	}
	if err := m.check(captions, c); err != nil {
		return Drawn{}, err
	}
	given := make([][]int32, len(captions))
	for i := range given {
		given[i] = c.Given
	}
	guided := c.Guidance != 1
	name := "draw"
	if guided {
		name += " guided"
	}
	if c.Naive {
		name += " naively"
	}
	out, err := m.run.Call(ctx, name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		d := &drawing{
			net: m.net.Transformer, guided: guided, text: in[1], given: in[2], known: in[3], temperature: in[4], scale: in[5],
			noise: nn.Uniform(in[0], side*side, in[1].Shape().Dim(0), m.Config.Pictures.Vocab),
		}
		draw := d.codes
		if c.Naive {
			draw = d.whole
		}
		codes := draw(s)
		return []*graph.Node{codes, m.net.Pictures.decodeRows(s, codes)}
	}, []uint32{uint32(c.Seed >> 32), uint32(c.Seed)}, captions, given, int32(c.Known), float32(c.Temperature), float32(c.Guidance))
	if err != nil {
		return Drawn{}, err
	}
	return Drawn{Codes: out[0].Value().([][]int32), Pictures: out[1].Value().([][]float32)}, nil
}

func (m *Model) check(captions [][]int32, c SampleConfig) error {
	switch {
	case len(captions) == 0:
		return fmt.Errorf("dalle: number of captions is 0: it must be at least 1")
	case !(c.Temperature > 0):
		return fmt.Errorf("dalle: temperature is %g: it must be positive", c.Temperature)
	case !(c.Guidance >= 0):
		return fmt.Errorf("dalle: guidance is %g: it must be at least 0", c.Guidance)
	case c.Known < 0 || c.Known > len(c.Given):
		return fmt.Errorf("dalle: known codes are %d: they must be 0 to %d", c.Known, len(c.Given))
	}
	for i, row := range captions {
		if len(row) != m.Config.TextLength {
			return fmt.Errorf("dalle: caption %d has %d tokens: it must have %d", i, len(row), m.Config.TextLength)
		}
		for at, token := range row {
			if token < 0 || int(token) >= m.Config.Vocab() {
				return fmt.Errorf("dalle: token %d of caption %d is %d: it must be 0 to %d", at, i, token, m.Config.Vocab()-1)
			}
		}
	}
	return m.Config.Pictures.checkCodes([][]int32{c.Given})
}

// Encode gives the codes of pictures, as [Pictures.Encode] does.
func (m *Model) Encode(ctx context.Context, pictures [][]float32) ([][]int32, error) {
	return m.pictures().Encode(ctx, pictures)
}

// Decode gives the pictures of codes, as [Pictures.Decode] does.
func (m *Model) Decode(ctx context.Context, codes [][]int32) ([][]float32, error) {
	return m.pictures().Decode(ctx, codes)
}

// pictures is the first stage alone.
func (m *Model) pictures() *Pictures {
	return &Pictures{Config: m.Config.Pictures, net: m.net.Pictures, run: m.run}
}
