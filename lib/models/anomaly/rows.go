package anomaly

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/stat"
)

// Rows are what sensors say, one row after the other.
type Rows struct {
	Sensors []string
	Values  [][]float64 // [rows, sensors], NaN where a value is missing
}

// Sensor is a sensor that a model knows, with what brings it to a common scale.
type Sensor struct {
	Name   string  `json:"name"`
	Centre float64 `json:"centre"` // the median of the normal rows, or their mean
	// Scale is their standard deviation, or, robust, √(s² + w²): s is their interquartile range, as the standard deviation of a normal distribution of this range, or the standard
	// deviation itself where half of the values are equal; w is how far the medians of the rows' four quarters lie apart. A sensor
	// that wanders while all is well would else raise an alarm by wandering on.
	Scale float64 `json:"scale"`
}

// clip is how many scales from the centre a value counts for at most: beyond, it says no more, and a broken sensor can't hide the others.
const clip = 10

// normalScale is the interquartile range of a standard normal distribution.
const normalScale = 1.3489795003921634

// scalings are what the common scale may be.
var scalings = []string{"robust", "standard"}

// Fit finds the scale of each sensor in normal rows, robust or standard. Sensors that never change there, or are always missing, are left out, and named: what they
// would say later has no scale.
func Fit(rows Rows, scaling string) (kept []Sensor, leftOut []string, err error) {
	if err := rows.check(); err != nil {
		return nil, nil, err
	}
	if !slices.Contains(scalings, scaling) {
		return nil, nil, fmt.Errorf("anomaly: scaling is %q: it must be robust or standard", scaling)
	}
	for j, name := range rows.Sensors {
		var values []float64
		for _, row := range rows.Values {
			if !math.IsNaN(row[j]) {
				values = append(values, row[j])
			}
		}
		slices.Sort(values)
		if len(values) == 0 || values[0] == values[len(values)-1] {
			leftOut = append(leftOut, name)
			continue
		}
		if scaling == "standard" {
			mean, std := moments(values)
			kept = append(kept, Sensor{name, mean, std})
			continue
		}
		scale := (quantile(values, 0.75) - quantile(values, 0.25)) / normalScale
		if !(scale > 1e-9*math.Abs(quantile(values, 0.5))) {
			_, scale = moments(values)
		}
		kept = append(kept, Sensor{name, quantile(values, 0.5), math.Hypot(scale, wander(rows, j))})
	}
	if len(kept) == 0 {
		return nil, nil, fmt.Errorf("anomaly: no sensor of %s changes in the normal rows: at least one must", strings.Join(rows.Sensors, ", "))
	}
	return kept, leftOut, nil
}

// wander is how far the medians of a sensor in the rows' four quarters lie apart.
func wander(rows Rows, sensor int) float64 {
	const quarters = 4
	low, high := math.Inf(1), math.Inf(-1)
	n := len(rows.Values)
	for q := range quarters {
		var values []float64
		for _, row := range rows.Values[q*n/quarters : (q+1)*n/quarters] {
			if !math.IsNaN(row[sensor]) {
				values = append(values, row[sensor])
			}
		}
		if len(values) > 0 {
			slices.Sort(values)
			low, high = min(low, quantile(values, 0.5)), max(high, quantile(values, 0.5))
		}
	}
	return high - low
}

// moments are the mean of values and their standard deviation.
func moments(values []float64) (mean, std float64) {
	mean, variance := stat.PopMeanVariance(values, nil)
	return mean, math.Sqrt(variance)
}

// quantile of sorted values, between two of them in a straight line, as NumPy has it.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// check wants rows as long as there are sensors, of numbers or NaN.
func (r Rows) check() error {
	if len(r.Sensors) == 0 || len(r.Values) == 0 {
		return errors.New("anomaly: there are no rows: there must be at least one, of at least one sensor")
	}
	for i, row := range r.Values {
		if len(row) != len(r.Sensors) {
			return fmt.Errorf("anomaly: row %d has %d values: it must have %d, one for each sensor", i+1, len(row), len(r.Sensors))
		}
		for j, v := range row {
			if math.IsInf(v, 0) {
				return fmt.Errorf("anomaly: %s is %v in row %d: it must be a finite number, or NaN where it is missing", r.Sensors[j], v, i+1)
			}
		}
	}
	return nil
}

// places finds the columns of a model's sensors in rows that may have others, too.
func places(sensors []Sensor, names []string) ([]int, error) {
	list := make([]int, len(sensors))
	for i, s := range sensors {
		if list[i] = slices.Index(names, s.Name); list[i] < 0 {
			return nil, fmt.Errorf("anomaly: there is no column %q: the model was trained on %s", s.Name, namesOf(sensors))
		}
	}
	return list, nil
}

func namesOf(sensors []Sensor) string {
	names := make([]string, len(sensors))
	for i, s := range sensors {
		names[i] = s.Name
	}
	return strings.Join(names, ", ")
}

// scaled is a row on the common scale, with its mask: 0 where a value is missing, else 1.
func scaled(sensors []Sensor, places []int, row []float64) (x, mask []float32) {
	x, mask = make([]float32, len(sensors)), make([]float32, len(sensors))
	for i, s := range sensors {
		if v := row[places[i]]; !math.IsNaN(v) {
			x[i], mask[i] = float32(max(-clip, min(clip, (v-s.Centre)/s.Scale))), 1
		}
	}
	return x, mask
}

// windows are the normal rows as a training sees them, in a new order each epoch.
type windows struct {
	x, mask       [][]float32 // [rows][sensors]
	window, batch int
	seed          uint64
}

func (w windows) count() int { return len(w.x) - w.window + 1 }

// Steps is train.Dataset's.
func (w windows) Steps() int { return max(w.count(), 0) / min(w.batch, max(w.count(), 1)) }

// Batch is train.Dataset's.
func (w windows) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	size := min(w.batch, w.count())
	rng := rand.New(rand.NewPCG(w.seed, uint64(epoch)))
	order := make([]int, w.count())
	for i := range order {
		order[i] = i
	}
	for i := len(order) - 1; i > 0; i-- { // Fisher and Yates, whatever a later Go's Shuffle does
		j := int(rng.Uint64() % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	return stack(w, order[step*size:(step+1)*size]), nil
}

// Identity is train.Identified's.
func (w windows) Identity() (map[string]any, error) {
	h := fnv.New128a()
	for _, list := range [][][]float32{w.x, w.mask} {
		for _, row := range list {
			if err := binary.Write(h, binary.LittleEndian, row); err != nil {
				return nil, err
			}
		}
	}
	return map[string]any{
		"kind": "sensor rows", "rows": len(w.x), "batch": w.batch, "seed": w.seed, "digest": fmt.Sprintf("fnv128:%x", h.Sum(nil)),
	}, nil
}

// stack makes tensors [windows, window, sensors] of the windows that begin at some rows.
func stack(w windows, starts []int) []*tensors.Tensor {
	sensors := len(w.x[0])
	out := make([]*tensors.Tensor, 2)
	for k, rows := range [][][]float32{w.x, w.mask} {
		flat := make([]float32, 0, len(starts)*w.window*sensors)
		for _, at := range starts {
			for _, row := range rows[at : at+w.window] {
				flat = append(flat, row...)
			}
		}
		out[k] = tensors.FromFlatDataAndDimensions(flat, len(starts), w.window, sensors)
	}
	return out
}
