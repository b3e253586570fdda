package anomaly

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/train"
)

// pump is made data: two sensors that swing together and one that scatters, of some rows; from broken on the second swings no more.
func pump(rows, broken int) Rows {
	r := Rows{Sensors: []string{"flow", "pressure", "noise", "constant"}}
	for i := range rows {
		swing := math.Sin(float64(i) / 3)
		row := []float64{100 + 5*swing, 2 + 0.1*swing, math.Mod(float64(i)*0.61803, 1), 7}
		if i >= broken {
			row[1] = 2.3
		}
		r.Values = append(r.Values, row)
	}
	return r
}

func tiny(run string) TrainConfig {
	return TrainConfig{
		Model: Tiny(), Rate: 5e-3, Batch: 16, Seed: 1, Samples: 4, Alarm: Alarm{Rule: "quantile", Quantile: 1, Margin: 1.5},
		Options: train.Options{Run: run, Epochs: 15, Watch: func(train.Progress) {}},
	}
}

func trained(t *testing.T) (m *Model, run string) {
	t.Helper()
	run = filepath.Join(t.TempDir(), "run")
	m, err := Train(t.Context(), tiny(run), pump(200, 200))
	if err != nil {
		t.Fatal(err)
	}
	return m, run
}

// TestDetect wants a broken sensor to be flagged, and named, soon after it breaks and not before.
func TestDetect(t *testing.T) {
	m, run := trained(t)
	if len(m.Config.Sensors) != 3 {
		t.Errorf("learnt %v: a sensor that never changes must be left out", m.Config.Sensors)
	}
	again, err := Open(run)
	if err != nil {
		t.Fatal(err)
	}
	if again.Threshold != m.Threshold {
		t.Errorf("opened again the threshold is %g, not %g", again.Threshold, m.Threshold)
	}
	s, err := again.Score(t.Context(), pump(100, 60))
	if err != nil {
		t.Fatal(err)
	}
	flags := again.Flags(s.Score)
	for i, f := range flags {
		switch {
		case i < 3 && !math.IsNaN(s.Score[i]):
			t.Errorf("row %d has the score %g before there is a window", i, s.Score[i])
		case i < 60 && f:
			t.Errorf("row %d is flagged, %g above %g", i, s.Score[i], again.Threshold)
		case i >= 62 && !f:
			t.Errorf("row %d isn't flagged, %g below %g", i, s.Score[i], again.Threshold)
		}
	}
	p := s.Contribution[80]
	if sum := p[0] + p[1] + p[2]; p[1] < 0.8*sum || math.Abs(sum-s.Score[80]) > 1e-6 {
		t.Errorf("parts %v of %g: the second sensor broke", p, s.Score[80])
	}
	if !(s.ELBO[80] < s.ELBO[50] && s.IWAE[80] < s.IWAE[50] && s.LogProbability[80] < s.LogProbability[50]) {
		t.Errorf("bounds of a broken window %g, %g, %g; of a whole one %g, %g, %g", s.ELBO[80], s.IWAE[80], s.LogProbability[80], s.ELBO[50], s.IWAE[50], s.LogProbability[50])
	}
}

// TestCausal wants scores that no later row changes, the same whether rows come all at once, with others, or one by one, through a state that was
// written and read.
func TestCausal(t *testing.T) {
	m, _ := trained(t)
	rows := pump(60, 40)
	rows.Values[20][0] = math.NaN()
	rows.Values[30] = []float64{math.NaN(), math.NaN(), math.NaN(), 7}
	all, err := m.Score(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	some, err := m.Score(t.Context(), Rows{rows.Sensors, rows.Values[:35]})
	if err != nil {
		t.Fatal(err)
	}
	stream := m.Stream()
	for i, row := range rows.Values {
		if i == 33 {
			raw, err := json.Marshal(stream)
			if err != nil {
				t.Fatal(err)
			}
			stream = m.Stream()
			if err := json.Unmarshal(raw, stream); err != nil {
				t.Fatal(err)
			}
		}
		a, err := stream.Next(t.Context(), row[:3])
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b float64) bool {
			return math.Abs(a-b) < 1e-5*max(1, math.Abs(b)) || math.IsNaN(a) && math.IsNaN(b)
		}
		if !same(a.Score, all.Score[i]) || i < 35 && !same(some.Score[i], all.Score[i]) {
			t.Errorf("row %d: %g in a stream, %g at once", i, a.Score, all.Score[i])
		}
	}
	if !math.IsNaN(all.Score[30]) || math.IsNaN(all.Score[31]) || math.IsNaN(all.Score[20]) || all.Contribution[20][0] > all.Score[20] {
		t.Errorf("missing values: %v", all.Score[18:33])
	}
}

// TestMissing wants what is missing to count for nothing: its part of the score is 0 and it moves no threshold.
func TestMissing(t *testing.T) {
	m, _ := trained(t)
	rows := pump(20, 0)
	for _, row := range rows.Values {
		row[1] = math.NaN() // the broken one
	}
	s, err := m.Score(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for i := 3; i < 20; i++ {
		if s.Contribution[i][1] != 0 {
			t.Errorf("row %d: a missing sensor's part is %g", i, s.Contribution[i][1])
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	constant := Rows{Sensors: []string{"a"}, Values: [][]float64{{1}, {1}, {math.NaN()}}}
	text := func(c TrainConfig, rows Rows) string {
		_, err := Train(t.Context(), c, rows)
		if err == nil {
			t.Fatal("no error")
		}
		return err.Error()
	}
	wrong := tiny(run)
	wrong.Quantile = 2
	infinite := pump(50, 50)
	infinite.Values[7][1] = math.Inf(1)
	for got, want := range map[string]string{
		text(tiny(run), constant):   "no sensor of a changes",
		text(tiny(run), Rows{}):     "there are no rows",
		text(tiny(run), pump(4, 4)): "there must be at least 5",
		text(tiny(run), pump(1, 1)): "changes in the normal rows",
		text(wrong, pump(50, 50)):   "quantile is 2: it must be",
		text(tiny(run), infinite):   "pressure is +Inf in row 8",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s: want %s", got, want)
		}
	}
	m, _ := trained(t)
	if _, err := m.Score(t.Context(), Rows{[]string{"flow"}, [][]float64{{1}}}); err == nil || !strings.Contains(err.Error(), `no column "pressure": the model was trained on flow, pressure, noise`) {
		t.Errorf("other columns: %v", err)
	}
	if _, err := m.Stream().Next(t.Context(), []float64{1}); err == nil || !strings.Contains(err.Error(), "it must have 3, of flow, pressure, noise") {
		t.Errorf("a short row: %v", err)
	}
	if err := json.Unmarshal([]byte(`{"x":[[1]],"mask":[[1]]}`), m.Stream()); err == nil || !strings.Contains(err.Error(), "of another model") {
		t.Errorf("another model's state: %v", err)
	}
}
