package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"genlab/lib/spec"
)

// Ready is a worker's first line: it has done the first steps, and waits.
type Ready struct {
	First   float64     `json:"first_seconds"` // the first step, which compiles
	Outputs [][]float64 `json:"outputs"`       // of the first steps
}

// Round is a worker's answer to a number of steps.
type Round struct {
	Seconds float64 `json:"seconds"` // of all of them
	Memory  int64   `json:"memory"`  // the process's peak so far, bytes; 0 where the system doesn't tell
}

// Serve is genlab's worker: it makes the workload ready, then does as many steps as each line from r says, and answers in lines of
// JSON on w. bench/peers/worker.py speaks the same.
func Serve(ctx context.Context, w *spec.Workload, dir string, steps int, in io.Reader, out io.Writer) error {
	side, err := w.Ready()
	if err != nil {
		return err
	}
	if err := w.Write(dir, side); err != nil {
		return err
	}
	answer := json.NewEncoder(out)
	ready, err := warmUp(ctx, side, steps)
	if err != nil {
		return err
	}
	if err := answer.Encode(ready); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil || n < 1 {
			return fmt.Errorf("a round of %q steps: it must be a number of at least 1", lines.Text())
		}
		seconds, err := Time(ctx, side, n)
		if err != nil {
			return err
		}
		if err := answer.Encode(Round{seconds, peakMemory()}); err != nil {
			return err
		}
	}
	return nil
}

// warmUp does the first steps.
func warmUp(ctx context.Context, s *spec.Side, steps int) (Ready, error) {
	var r Ready
	for i := range steps {
		began := time.Now()
		values, err := s.Step(ctx)
		if err != nil {
			return r, err
		}
		if i == 0 {
			r.First = time.Since(began).Seconds()
		}
		r.Outputs = append(r.Outputs, values)
	}
	return r, nil
}

// Time does n steps and returns their seconds.
func Time(ctx context.Context, s *spec.Side, n int) (float64, error) {
	began := time.Now()
	for range n {
		if _, err := s.Step(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(began).Seconds(), nil
}

// peakMemory is the most memory that the process has had, in bytes, on Linux.
func peakMemory() int64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}
