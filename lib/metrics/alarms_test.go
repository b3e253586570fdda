package metrics

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// lengths are values and how often each comes, one after the other.
type lengths []int

func (l lengths) spread() []int {
	var list []int
	for i := 0; i < len(l); i += 2 {
		for range l[i+1] {
			list = append(list, l[i])
		}
	}
	return list
}

func (l lengths) flags() []bool {
	var list []bool
	for _, v := range l.spread() {
		list = append(list, v == 1)
	}
	return list
}

// TestAlarms compares with the benchmark's own evaluator, on the predictions that its authors published and on made ones.
func TestAlarms(t *testing.T) {
	raw, err := os.ReadFile("testdata/alarms.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Experiments []struct {
			First                       int64
			Steps, Anomaly, Changepoint lengths
		}
		Cases []struct {
			Name                string
			Predicted           []lengths
			F1, Far, Mar, Delay float64
			Nab                 [3]float64
			Missed, False, True int
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	near := func(t *testing.T, what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %.9g, theirs %.9g", what, got, want)
		}
	}
	for _, c := range golden.Cases {
		t.Run(c.Name, func(t *testing.T) {
			var all []Alarms
			for i, e := range golden.Experiments {
				a := Alarms{Anomaly: e.Anomaly.flags(), Changepoint: e.Changepoint.flags(), Predicted: c.Predicted[i].flags()}
				at := time.Unix(e.First, 0)
				a.Times = append(a.Times, at)
				for _, s := range e.Steps.spread() {
					at = at.Add(time.Duration(s) * time.Second)
					a.Times = append(a.Times, at)
				}
				all = append(all, a)
			}
			o, err := MeasureOutliers(all)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "F1", o.F1, c.F1)
			near(t, "FAR", o.FalseAlarms, c.Far)
			near(t, "MAR", o.Missed, c.Mar)
			changes, err := MeasureChanges(all, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "NAB standard", changes.Standard, c.Nab[0])
			near(t, "NAB low FP", changes.LowFalse, c.Nab[1])
			near(t, "NAB low FN", changes.LowMissed, c.Nab[2])
			near(t, "delay", changes.Delay.Seconds(), c.Delay)
			if changes.Missed != c.Missed || changes.FalseAlarms != c.False || changes.True != c.True {
				t.Errorf("missed %d, false %d, true %d: theirs %d, %d, %d", changes.Missed, changes.FalseAlarms, changes.True, c.Missed, c.False, c.True)
			}
		})
	}
}

func TestAlarmsRefuse(t *testing.T) {
	flags := make([]bool, 2)
	times := []time.Time{time.Unix(2, 0), time.Unix(1, 0)}
	if _, err := MeasureOutliers([]Alarms{{times, flags, flags, flags}}); err == nil || !strings.Contains(err.Error(), "times must not fall") {
		t.Errorf("time goes back: %v", err)
	}
	if _, err := MeasureOutliers([]Alarms{{times[:1], flags, flags, flags}}); err == nil || !strings.Contains(err.Error(), "there must be as many") {
		t.Errorf("other lengths: %v", err)
	}
	if _, err := MeasureChanges([]Alarms{{times[:1], flags[:1], flags[:1], flags[:1]}}, time.Minute); err == nil || !strings.Contains(err.Error(), "there must be a change") {
		t.Errorf("nothing changes: %v", err)
	}
}
