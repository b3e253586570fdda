package anomaly

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Stream scores rows one by one as they come, as [Model.Score] does all at once.
type Stream struct {
	m       *Model
	x, mask [][]float32 // the last rows, at most a window
}

// Stream begins before the first row.
func (m *Model) Stream() *Stream { return &Stream{m: m} }

// Alert is what a stream says of a row.
type Alert struct {
	// Score is NaN until there is a whole window, and where all values are missing.
	Score   float64
	Flag    bool
	Parts   []float64 // each sensor's of the score, in the order of the model's sensors
	Missing int       // of how many sensors the value is missing
}

// Next scores the next row: values in the order of the model's sensors, NaN where one is missing.
func (s *Stream) Next(ctx context.Context, row []float64) (Alert, error) {
	c := s.m.Config
	if len(row) != len(c.Sensors) {
		return Alert{}, fmt.Errorf("anomaly: a row has %d values: it must have %d, of %s", len(row), len(c.Sensors), namesOf(c.Sensors))
	}
	order := make([]int, len(row))
	for i, v := range row {
		if order[i] = i; math.IsInf(v, 0) {
			return Alert{}, fmt.Errorf("anomaly: %s is %v: it must be a finite number, or NaN where it is missing", c.Sensors[i].Name, v)
		}
	}
	x, mask := scaled(c.Sensors, order, row)
	s.x, s.mask = append(s.x, x), append(s.mask, mask)
	if over := len(s.x) - c.Model.Window; over > 0 {
		s.x, s.mask = s.x[over:], s.mask[over:]
	}
	a := Alert{Score: math.NaN(), Missing: len(mask)}
	for _, m := range mask {
		a.Missing -= int(m)
	}
	if len(s.x) < c.Model.Window || a.Missing == len(mask) {
		return a, nil
	}
	told, err := s.m.scoreWindows(ctx, windows{x: s.x, mask: s.mask, window: c.Model.Window}, []int{0})
	if err != nil {
		return Alert{}, err
	}
	a.Score, a.Parts = 0, told.parts[0]
	for _, part := range a.Parts {
		a.Score += part
	}
	a.Flag = a.Score > s.m.Threshold
	return a, nil
}

// Gap forgets the rows before: the next one isn't their successor.
func (s *Stream) Gap() { *s = *s.m.Stream() }

// streamState is a stream as JSON.
type streamState struct {
	X    [][]float32 `json:"x"`
	Mask [][]float32 `json:"mask"`
}

// MarshalJSON is what a later [Stream.UnmarshalJSON] goes on from.
func (s *Stream) MarshalJSON() ([]byte, error) { return json.Marshal(streamState{s.x, s.mask}) }

// UnmarshalJSON goes on from where another stream of the same model was.
func (s *Stream) UnmarshalJSON(raw []byte) error {
	var state streamState
	if err := json.Unmarshal(raw, &state); err != nil {
		return err
	}
	fits := len(state.X) == len(state.Mask) && len(state.X) <= s.m.Config.Model.Window
	for _, row := range slices.Concat(state.X, state.Mask) {
		fits = fits && len(row) == len(s.m.Config.Sensors)
	}
	if !fits {
		return fmt.Errorf("anomaly: the state is of another model than this one, of %s", namesOf(s.m.Config.Sensors))
	}
	s.x, s.mask = state.X, state.Mask
	return nil
}
