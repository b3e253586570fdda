package series_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"genlab/lib/data/series"
)

// read makes a file of rows with rising values.
func read(t *testing.T, name string, dates []string) (series.Series, error) {
	t.Helper()
	text := name + ",v\n"
	for i, d := range dates {
		text += fmt.Sprintf("%q,%d.5\n", d, i)
	}
	table, err := series.Read(strings.NewReader(text), "t.csv")
	if err != nil {
		return series.Series{}, err
	}
	return table.Series("v")
}

// Dates of pandas' calendars are even, and go on as pandas goes on.
func TestCalendars(t *testing.T) {
	text, err := os.ReadFile("testdata/calendars.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Calendars []struct {
			Name             string
			Dates, Next, UTC []string
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Calendars) == 0 {
		t.Fatal("no calendar")
	}
	for _, c := range file.Calendars {
		for kind, dates := range map[string][]string{"": c.Dates, " in UTC": c.UTC} {
			if dates == nil {
				continue
			}
			s, err := read(t, "date", dates)
			if err != nil {
				t.Errorf("%s%s: %v", c.Name, kind, err)
				continue
			}
			next, err := s.Future(len(c.Next))
			if err != nil {
				t.Errorf("%s%s: %v", c.Name, kind, err)
				continue
			}
			step, _ := s.Step()
			for i, want := range c.Next {
				got := next[i].Format("2006-01-02T15:04:05")
				if kind != "" && strings.HasPrefix(c.Name, "hours") {
					continue // the same times, of other clocks
				}
				if !strings.HasPrefix(want, got) {
					t.Errorf("%s%s (%s): %s follows, want %s", c.Name, kind, step, got, want)
				}
			}
			// A hole in it is found, whatever the calendar is.
			if _, err := func() (series.Step, error) {
				s.Times = slices.Delete(slices.Clone(s.Times), 17, 19)
				return s.Step()
			}(); err == nil || !strings.Contains(err.Error(), "observation 18 is of") || !strings.Contains(err.Error(), "add the 2 rows missing") {
				t.Errorf("%s%s: a hole of two gives %v", c.Name, kind, err)
			}
		}
	}
}

func TestLabels(t *testing.T) {
	day := time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)
	for want, times := range map[string][]time.Time{
		"2020-01-02":              {day, day},
		"2020-01-02 00:00":        {day, day.Add(time.Hour)},
		"2020-01-02 00:00:00":     {day, day.Add(time.Second), day.Add(time.Hour)},
		"2020-01-02 00:00:00.000": {day, day.Add(time.Millisecond), day.Add(time.Second)},
	} {
		if got := (series.Series{Times: times[1:]}).Labels(times)[0]; got != want {
			t.Errorf("labels begin with %s, want %s", got, want)
		}
	}
}
