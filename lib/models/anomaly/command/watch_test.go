package command

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"genlab/lib/backend/backendtest"
	"genlab/lib/models/anomaly"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// pump is rows of two sensors and their labels, one a second; the second sensor breaks in row broken.
func pump(from, to, broken int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		swing := math.Sin(float64(i) / 3)
		pressure := 2 + 0.1*swing
		if i >= broken {
			pressure = 3
		}
		at := time.Date(2026, 3, 1, 10, 0, i, 0, time.UTC)
		fmt.Fprintf(&b, "%s;%.4f;%.4f;0\n", at.Format(time.DateTime), 100+5*swing, pressure)
	}
	return b.String()
}

const header = "time;flow;pressure;label\n"

// run is a command line with something on standard input.
func run(t *testing.T, input string, args ...string) (out, errs string, err error) {
	t.Helper()
	verbs := map[string]int{"train": 0, "watch": 1, "measure": 2}
	cmd := Model.Verbs[verbs[args[0]]].New()
	var stdout, stderr bytes.Buffer
	cmd.SetOut(&stdout)
	cmd.SetErr(&stderr)
	cmd.SetIn(strings.NewReader(input))
	cmd.SetArgs(args[1:])
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err = cmd.ExecuteContext(t.Context())
	return stdout.String(), stderr.String(), err
}

func learnt(t *testing.T) (folder string) {
	t.Helper()
	dir := t.TempDir()
	data := filepath.Join(dir, "pump.csv")
	if err := os.WriteFile(data, []byte(header+pump(0, 300, 250)), 0o600); err != nil {
		t.Fatal(err)
	}
	folder = filepath.Join(dir, "run")
	out, errs, err := run(t, "", "train", "--data", data, "--leave", "label", "--train-until", "2026-03-01 10:03:20", "--preset", "tiny", "--epochs", "20", "--rate", "0.005", "--run", folder)
	if err != nil || !strings.Contains(out, "200 rows of 2 sensors") {
		t.Fatalf("%v\n%s\n%s", err, out, errs)
	}
	return folder
}

// TestWatch wants alarms and what drives them, bad rows passed over, and a watch that is started again to go on.
func TestWatch(t *testing.T) {
	folder := learnt(t)
	bad := "2026-03-01 10:05:30;x;2;0\n2026-03-01 10:05:29;1\n"
	out, errs, err := run(t, header+pump(300, 330, 320)+bad, "watch", "--run", folder)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 30 || !strings.HasSuffix(lines[2], "\t-\tok") || strings.Contains(strings.Join(lines[:20], ""), "ALARM") || !strings.Contains(lines[22], "ALARM\tpressure") {
		t.Errorf("%s", out)
	}
	if !strings.Contains(errs, `line 32: flow is "x"`) || !strings.Contains(errs, "line 33: 2 cells") {
		t.Errorf("bad rows: %s", errs)
	}
	// Again over the file that has grown: seen rows are passed over, and the window is whole at once.
	out, errs, err = run(t, header+pump(300, 340, 320), "watch", "--run", folder)
	if lines := strings.Split(strings.TrimSpace(out), "\n"); err != nil || len(lines) != 10 || !strings.Contains(lines[0], "10:05:30\t") || !strings.Contains(lines[0], "ALARM") {
		t.Errorf("again: %v\n%s", err, out)
	}
	if !strings.Contains(errs, "passed over: 30 rows that an earlier watch has seen") {
		t.Errorf("again: %s", errs)
	}
	// After a pause the window begins anew.
	out, errs, err = run(t, header+pump(600, 604, 900), "watch", "--run", folder)
	if err != nil || !strings.Contains(errs, "a pause of 4m21s before line 2") || !strings.HasPrefix(out, "2026-03-01 10:10:00\t-\tok") {
		t.Errorf("after a pause: %v\n%s\n%s", err, out, errs)
	}
	if _, _, err := run(t, "time;flow\n", "watch", "--run", folder); err == nil || !strings.Contains(err.Error(), `no column "pressure"`) {
		t.Errorf("other columns: %v", err)
	}
}

// TestWatchStops wants an interrupted watch to end though no row comes, and to keep what it saw.
func TestWatchStops(t *testing.T) {
	folder := learnt(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	defer w.Close() //nolint:errcheck // the test ends
	cmd := Model.Verbs[1].New()
	cmd.SetIn(r)
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"--run", folder})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- cmd.ExecuteContext(ctx) }()
	if _, err := w.WriteString(header + pump(300, 310, 900)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it doesn't stop")
	}
	if n := strings.Count(out.String(), "\n"); n != 10 {
		t.Errorf("%d lines of 10 rows:\n%s", n, out.String())
	}
	if _, err := os.Stat(filepath.Join(folder, stateFile)); err != nil {
		t.Error(err)
	}
}

func TestTrainRefuses(t *testing.T) {
	data := filepath.Join(t.TempDir(), "pump.csv")
	if err := os.WriteFile(data, []byte(header+pump(0, 50, 90)), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"--data is empty":                       {},
		"--train-until is 51: it must be 1 to":  {"--data", data, "--train-until", "51"},
		"it must be after the first row's time": {"--data", data, "--train-until", "2026-01-01"},
		`has no column "x"`:                     {"--data", data, "--leave", "x"},
		`no column "when" for times`:            {"--data", data, "--time", "when"},
		`net is "big"`:                          {"--data", data, "--net", "big"},
	} {
		if _, _, err := run(t, "", append([]string{"train", "--run", filepath.Join(t.TempDir(), "run")}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
	if _, err := anomaly.Open(t.TempDir()); err == nil {
		t.Error("an empty folder opens")
	}
}
