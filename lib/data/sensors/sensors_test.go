package sensors

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

const pump = `time;flow;pressure;note
2026-03-01 10:00:00;1.5;;a
2026-03-01 10:00:01;NaN;2e1;b

2026-03-01 10:00:01;-3;0;c
`

func TestRead(t *testing.T) {
	table, err := Read(strings.NewReader(pump), "pump.csv", Config{Leave: []string{"note"}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(table.Names, " ") != "flow pressure" || len(table.Values) != 3 || len(table.Times) != 3 {
		t.Fatalf("%+v", table)
	}
	if !math.IsNaN(table.Values[0][1]) || !math.IsNaN(table.Values[1][0]) || table.Values[1][1] != 20 || table.Times[1].Second() != 1 {
		t.Errorf("%+v", table)
	}
	flow, err := table.Take("flow")
	if err != nil || flow[2] != -3 || len(table.Names) != 1 || table.Values[2][0] != 0 {
		t.Errorf("%v, %+v: %v", flow, table, err)
	}
}

// TestReaderGoesOn wants bad rows named and those after them read.
func TestReaderGoesOn(t *testing.T) {
	const text = "timestamp,a,b\n100,1,2\n101,x,2\n102,1\n99,1,2\n103,Inf,2\nyesterday,1,2\n104,5,6\n"
	r, err := NewReader(strings.NewReader(text), "stdin", Config{})
	if err != nil {
		t.Fatal(err)
	}
	var rows, bad []string
	for {
		row, err := r.Next()
		var wrong *RowError
		if errors.Is(err, io.EOF) {
			break
		} else if errors.As(err, &wrong) {
			bad = append(bad, err.Error())
		} else if err != nil {
			t.Fatal(err)
		} else {
			rows = append(rows, row.Time.Format(time.TimeOnly))
		}
	}
	if got := strings.Join(rows, " "); got != "00:01:40 00:01:44" {
		t.Errorf("rows %s", got)
	}
	for i, want := range []string{`stdin, line 3: a is "x"`, "stdin, line 4: 2 cells: there must be 3", "line 5: the time 99 comes after", `line 6: a is "Inf"`, `line 7: the time is "yesterday"`} {
		if i >= len(bad) || !strings.Contains(bad[i], want) {
			t.Errorf("bad rows: %q, want %s", bad, want)
		}
	}
}

func TestSelect(t *testing.T) {
	r, err := NewReader(strings.NewReader("a,b,c\n1,2,3\n"), "f.csv", Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]string{"c", "x"}); err == nil || !strings.Contains(err.Error(), `no column "x"; it has a, b, c`) {
		t.Errorf("no such column: %v", err)
	}
	if err := r.Select([]string{"c", "a"}); err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.Values[0] != 3 || row.Values[1] != 1 || row.Line != 2 {
		t.Errorf("%+v, %v", row, err)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "is empty",
		"a,b\n":              "a header and no rows",
		"1,2\n3,4\n":         "it must be a header",
		"a,a\n1,2\n":         `both called "a"`,
		"time\n2026-01-01\n": "no column of a sensor",
		"a,b\n1,text\n":      `b is "text"`,
		"time,b\n2,1\n1,1\n": "times must not go back",
	} {
		if _, err := Read(strings.NewReader(text), "f.csv", Config{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := Read(strings.NewReader("a,b\n1,2\n"), "f.csv", Config{Time: "t"}); err == nil || !strings.Contains(err.Error(), `no column "t" for times; it has a, b`) {
		t.Errorf("no such column: %v", err)
	}
}
