package anomaly

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
)

// Stream scores rows one by one as they come, as [Model.Score] does all at once.
type Stream struct {
	m       *Model
	x, mask [][]float32 // the last rows, at most a window
	smooth  smoother
}

// Stream begins before the first row.
func (m *Model) Stream() *Stream { return &Stream{m: m, smooth: smoother{rows: m.Config.Smooth}} }

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
	var energy []float64
	if len(s.x) == c.Model.Window {
		said, err := s.m.scoreWindows(ctx, windows{x: s.x, mask: s.mask, window: c.Model.Window}, []int{0})
		if err != nil {
			return Alert{}, err
		}
		energy = said.energy[0]
	}
	a := Alert{Missing: len(mask)}
	for _, m := range mask {
		a.Missing -= int(m)
	}
	a.Score, a.Parts = s.smooth.next(energy, mask)
	a.Flag = a.Score > s.m.Threshold
	return a, nil
}

// Gap forgets the rows before: the next one isn't their successor.
func (s *Stream) Gap() { *s = *s.m.Stream() }

// streamState is a stream as JSON.
type streamState struct {
	X      [][]float32 `json:"x"`
	Mask   [][]float32 `json:"mask"`
	Recent [][]float64 `json:"recent"`
}

// MarshalJSON is what a later [Stream.UnmarshalJSON] goes on from.
func (s *Stream) MarshalJSON() ([]byte, error) {
	return json.Marshal(streamState{s.x, s.mask, s.smooth.recent})
}

// UnmarshalJSON goes on from where another stream of the same model was.
func (s *Stream) UnmarshalJSON(raw []byte) error {
	var state streamState
	if err := json.Unmarshal(raw, &state); err != nil {
		return err
	}
	sensors := len(s.m.Config.Sensors)
	fits := len(state.X) == len(state.Mask) && len(state.X) <= s.m.Config.Model.Window && len(state.Recent) <= s.m.Config.Smooth
	for _, list := range [][][]float32{state.X, state.Mask} {
		for _, row := range list {
			fits = fits && len(row) == sensors
		}
	}
	for _, row := range state.Recent {
		fits = fits && (row == nil || len(row) == sensors)
	}
	if !fits {
		return fmt.Errorf("anomaly: the state is of another model than this one, of %s", namesOf(s.m.Config.Sensors))
	}
	s.x, s.mask, s.smooth.recent = state.X, state.Mask, state.Recent
	return nil
}
