package series_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"genlab/lib/data/series"
)

func TestClassic(t *testing.T) {
	// Lengths, sums and missing counts as pandas 2.2.3 gives them from statsmodels 0.14.6 and R's AirPassengers.
	for _, c := range []struct {
		name        string
		open        func() (series.Series, error)
		n, missing  int
		sum         float64
		first, last string
	}{
		{"Nile", series.Nile, 100, 0, 91935, "1871-01-01", "1970-01-01"},
		{"Sunspots", series.Sunspots, 309, 0, 15373.4, "1700-01-01", "2008-01-01"},
		{"AirPassengers", series.AirPassengers, 144, 0, 40363, "1949-01-01", "1960-12-01"},
		{"CO2", series.CO2, 2284, 59, 756816.5, "1958-03-29", "2001-12-29"},
	} {
		s, err := c.open()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var sum float64
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				sum += v
			}
		}
		if len(s.Values) != c.n || s.Missing() != c.missing || math.Abs(sum-c.sum) > 1e-6 {
			t.Errorf("%s: %d values, %d missing, sum %v; want %d, %d, %v", c.name, len(s.Values), s.Missing(), sum, c.n, c.missing, c.sum)
		}
		if first, last := s.Times[0].Format(time.DateOnly), s.Times[c.n-1].Format(time.DateOnly); first != c.first || last != c.last {
			t.Errorf("%s runs from %s to %s; want %s to %s", c.name, first, last, c.first, c.last)
		}
		if _, err := s.Step(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestMonthly(t *testing.T) {
	s, err := series.CO2()
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Monthly()
	if err != nil {
		t.Fatal(err)
	}
	// pandas: co2.resample("MS").mean()
	if len(m.Values) != 526 || m.Missing() != 5 || m.Values[0] != 316.1 || math.Abs(m.Values[1]-317.2) > 1e-9 {
		t.Errorf("%d months, %d missing, starting %v", len(m.Values), m.Missing(), m.Values[:2])
	}
	next, err := m.Future(2)
	if err != nil {
		t.Fatal(err)
	}
	if got := next[1].Format(time.DateOnly); got != "2002-02-01" {
		t.Errorf("two months after the end is %s", got)
	}
}

func TestCSV(t *testing.T) {
	table, err := series.Read(strings.NewReader("\ufeff\"when\",label,a,b\n2020-01-01,x,1,NA\n2020-01-02,y,,2.5\n"), "t.csv")
	if err != nil {
		t.Fatal(err)
	}
	if table.Columns[0] != "when" {
		t.Errorf("the first column is %q", table.Columns[0])
	}
	s, err := table.Series("a")
	if err != nil {
		t.Fatal(err)
	}
	if s.Values[0] != 1 || !math.IsNaN(s.Values[1]) || s.Times[1].Day() != 2 {
		t.Errorf("read %+v", s)
	}
	if step, err := s.Step(); err != nil || step.String() != "day" {
		t.Errorf("step %v, %v", step, err)
	}
}

// Numbers are years only where the column says so.
func TestWholeNumbers(t *testing.T) {
	for text, dated := range map[string]bool{
		"day,a\n2020-01-01,1400\n2020-01-02,1310\n": true,
		"b,a\n1310,1400\n1200,1310\n":               false,
		"b,a\n1999,1400\n2000,1310\n":               false,
		"Year,a\n1999,1400\n2000,1310\n":            true,
		"fiscalYear,a\n1999,1400\n2000,1310\n":      true,
		"time_ms,a\n1999,1400\n2000,1310\n":         false,
	} {
		table, err := series.Read(strings.NewReader(text), "t.csv")
		if err != nil {
			t.Fatal(err)
		}
		s, err := table.Series("a")
		if err != nil || (s.Times != nil) != dated || !slices.Contains(table.Values(), "a") {
			t.Errorf("%q: dates %v, columns of values %v, %v", text, s.Times, table.Values(), err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, text, column, want string }{
		{"empty", "", "a", "is empty"},
		{"no header", "1,2\n3,4\n", "a", "holds numbers"},
		{"twice", "a,a\n1,2\n", "a", "both called"},
		{"ragged", "a,b\n1\n", "a", "line 2: 1 cells, where the header in line 1 has 2"},
		{"no rows", "a,b\n", "a", "no rows"},
		{"unknown column", "a,b\n1,2\n", "c", "it has a, b"},
		{"text", "d,a\n2020,1\n2021,about 3\n", "a", `line 3, column "a": "about 3"`},
		{"infinite", "d,a\n2020,inf\n", "a", "not a finite number"},
		{"unsorted", "year,a\n2020,1\n2022,1\n2021,2\n2023,1\n", "a", "line 4: the date 2021-01-01 doesn't come after"},
	} {
		table, err := series.Read(strings.NewReader(c.text), "t.csv")
		if err == nil {
			_, err = table.Series(c.column)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q in it", c.name, err, c.want)
		}
	}
	s := series.Series{Name: "gap", Values: make([]float64, 3), Times: []time.Time{
		time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)}}
	if _, err := s.Step(); err == nil || !strings.Contains(err.Error(), "observation 3 is of 2020-04-01") {
		t.Errorf("a gap gives %v", err)
	}
}

func TestValues(t *testing.T) {
	table, err := series.Read(strings.NewReader("year,a,b\n1999,1.5,2\n2000,3,4\n"), "t.csv")
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Values(); len(got) != 2 || got[0] != "a" || got[1] != "b" {
		t.Errorf("columns without dates: %v", got)
	}
}
