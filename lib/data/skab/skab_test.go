package skab

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// made is an experiment's file of so many rows, the last of which is an anomaly.
func made(rows int) string {
	var b strings.Builder
	b.WriteString("datetime;Current;Pressure;anomaly;changepoint\n")
	for i := range rows {
		last := 0
		if i == rows-1 {
			last = 1
		}
		fmt.Fprintf(&b, "2020-03-09 10:%02d:%02d;%g;0.5;%d.0;%d.0\n", i/60, i%60, 1.25+float64(i), last, last)
	}
	return b.String()
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	archive, err := os.Create(filepath.Join(dir, "skab.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(archive)
	for _, name := range []string{"valve1/10.csv", "valve1/2.csv", "other/1.csv", "anomaly-free/anomaly-free.csv"} {
		path := filepath.Join(dir, "data", name)
		w, err := z.Create("skab/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(made(Train + 5))); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(made(Train+5)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{archive.Name(), filepath.Join(dir, "data")} {
		list, err := Open(where)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range list {
			names = append(names, e.Name)
		}
		if got := strings.Join(names, " "); got != "valve1/2 valve1/10 other/1" {
			t.Errorf("%s: %s", where, got)
		}
		e := list[0]
		n := len(e.Values)
		if n != Train+5 || strings.Join(e.Sensors, " ") != "Current Pressure" || e.Values[3][0] != 4.25 || !e.Anomaly[n-1] || e.Anomaly[n-2] || !e.Changepoint[n-1] || e.Times[1].Sub(e.Times[0]).Seconds() != 1 {
			t.Errorf("%s: %d rows of %v, %v, %v", where, n, e.Sensors, e.Values[3], e.Times[:2])
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "there must be files such as valve1/0.csv") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "other"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "other", "1.csv"), []byte(made(Train)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "more than 400 rows") {
		t.Errorf("too few rows: %v", err)
	}
	t.Setenv("GENLAB_DATA", dir)
	if _, err := Open(""); err == nil || !strings.Contains(err.Error(), "genlab data skab") {
		t.Errorf("not fetched: %v", err)
	}
}
