package bench

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"genlab/lib/spec"
	"genlab/lib/torch"
)

// asWorker, when set, has this test's own program serve a workload that waits for so long a step, as genlab would.
const asWorker = "GENLAB_TEST_WORKER"

func serveFake() error {
	wait, err := time.ParseDuration(os.Getenv(asWorker))
	if err != nil {
		return err
	}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	dir, steps, value := f.String("serve", "", ""), f.Int("rounds", 0, ""), f.Float64("value", 1, "")
	if err := f.Parse(os.Args[3:]); err != nil {
		return err
	}
	if os.Args[2] == "broken" {
		return fmt.Errorf("no workload %q", os.Args[2])
	}
	w := &spec.Workload{Name: os.Args[2], Open: func(spec.Sizes) (*spec.Side, error) {
		return &spec.Side{Weights: &torch.StateDict{}, Inputs: &torch.StateDict{}, Step: func(context.Context) ([]float64, error) {
			time.Sleep(wait)
			return []float64{*value}, nil
		}}, nil
	}}
	return Serve(context.Background(), w, *dir, *steps, os.Stdin, os.Stdout)
}

// program is a script that runs this test's program as a worker.
func program(t *testing.T, wait time.Duration, value string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "genlab")
	script := fmt.Sprintf("#!/bin/sh\n%s=%s exec %q \"$@\" --value %s\n", asWorker, wait, self, value)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAgainst compares a program with one that takes three times as long and computes something else.
func TestAgainst(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skipf("a script stands in for genlab: %v", err)
	}
	before, now := program(t, 3*time.Millisecond, "2"), program(t, 9*time.Millisecond, "2.5")
	c, err := Against(t.Context(), before, now, "fake", nil, 7, 0.02)
	if err != nil {
		t.Fatal(err)
	}
	if c.Low > c.Ratio || c.High < c.Ratio || c.Ratio < 1.5 || c.Difference != 0.2 {
		t.Errorf("three times as long: %.3g (%.3g to %.3g), difference %g; want about 3, and 0.2", c.Ratio, c.Low, c.High, c.Difference)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Name   string
		Ratio  float64
		Before Measurement
	}
	if err := json.Unmarshal(raw, &read); err != nil || read.Name != "fake" || read.Ratio != c.Ratio || len(read.Before.Rounds) != 7 || read.Before.Step <= 0 {
		t.Errorf("as JSON: %s, %v", raw, err)
	}
	if _, err := Against(t.Context(), before, now, "broken", nil, 1, 0.01); err == nil || !strings.Contains(err.Error(), `no workload "broken"`) {
		t.Errorf("a workload that isn't there: %v", err)
	}
}

// TestMedianInterval holds the intervals against the binomial distribution's tables (Conover, "Practical nonparametric statistics", A3).
func TestMedianInterval(t *testing.T) {
	for n, want := range map[int][3]float64{5: {3, 1, 5}, 6: {3.5, 1, 6}, 9: {5, 2, 8}, 20: {10.5, 6, 15}} {
		values := make([]float64, n)
		for i := range values {
			values[n-1-i] = float64(i + 1)
		}
		if m, low, high := medianInterval(values); [3]float64{m, low, high} != want {
			t.Errorf("%d values: %g (%g to %g), want %v", n, m, low, high, want)
		}
	}
}

func TestApart(t *testing.T) {
	if d := apart([][]float64{{1, 2}}, [][]float64{{1}, {4}}); d != 0.5 {
		t.Errorf("2 and 4 are apart by %g of the greater", d)
	}
	if d := apart([][]float64{{1, 2}}, [][]float64{{1}}); !math.IsInf(d, 1) {
		t.Errorf("another number of values: %g", d)
	}
}
