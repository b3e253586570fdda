package bench

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Comparison is a workload timed by two programs, one from before a change and one with it.
type Comparison struct {
	Name   string      `json:"name"`
	Before Measurement `json:"before"`
	Now    Measurement `json:"now"`
	// Ratio is the median of the rounds' ratios, now's seconds by those before, and Low to High its 95 % interval.
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	// Difference is the greatest relative one of what the first steps gave.
	Difference float64 `json:"difference"`
}

// Measurement is one program's.
type Measurement struct {
	First  float64   `json:"first_seconds"`
	Step   float64   `json:"seconds"` // the median
	Memory int64     `json:"memory"`  // peak, in bytes
	Rounds []float64 `json:"rounds"`  // seconds a step
}

// checkedSteps are compared between two programs before they are timed.
const checkedSteps = 3

// Against times a workload in two programs, which serve it as [Serve] does, in alternating rounds of about the given seconds.
// before and now are executables; args are added to their arguments.
func Against(ctx context.Context, before, now, name string, args []string, rounds int, seconds float64) (Comparison, error) {
	c := Comparison{Name: name}
	var workers [2]*worker
	for i, program := range []string{before, now} {
		w, err := startWorker(ctx, program, name, args)
		if err != nil {
			return c, fmt.Errorf("%s of %s: %w", name, []string{"before", "now"}[i], err)
		}
		defer w.end()
		workers[i] = w
	}
	c.Difference = apart(workers[0].ready.Outputs, workers[1].ready.Outputs)
	measured := [2]*Measurement{&c.Before, &c.Now}
	var steps [2]int
	for i, w := range workers {
		measured[i].First = w.ready.First
		if _, err := w.round(1); err != nil { // warms up
			return c, err
		}
		once, err := w.round(1)
		if err != nil {
			return c, err
		}
		steps[i] = max(1, int(seconds/once.Seconds))
	}
	var ratios []float64
	for r := range rounds {
		for k := range workers {
			i := (k + r) % 2 // who goes first takes turns
			got, err := workers[i].round(steps[i])
			if err != nil {
				return c, err
			}
			measured[i].Rounds = append(measured[i].Rounds, got.Seconds/float64(steps[i]))
			measured[i].Memory = got.Memory
		}
		ratios = append(ratios, c.Now.Rounds[r]/c.Before.Rounds[r])
	}
	c.Before.Step, _, _ = medianInterval(c.Before.Rounds)
	c.Now.Step, _, _ = medianInterval(c.Now.Rounds)
	c.Ratio, c.Low, c.High = medianInterval(ratios)
	return c, nil
}

// worker is a program that serves a workload.
type worker struct {
	command *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
	stderr  *strings.Builder
	dir     string
	ready   Ready
}

func startWorker(ctx context.Context, program, name string, args []string) (w *worker, err error) {
	w = &worker{stderr: &strings.Builder{}}
	if w.dir, err = os.MkdirTemp("", "genlab-bench-"); err != nil {
		return nil, err
	}
	args = slices.Concat([]string{"bench", name, "--serve", w.dir, "--rounds", strconv.Itoa(checkedSteps)}, args)
	w.command = exec.CommandContext(ctx, program, args...)
	w.command.Env = append(os.Environ(), "GENLAB_PROGRAMS=off") // the first step compiles
	w.command.Stderr = w.stderr
	out, err := w.command.StdoutPipe()
	if err == nil {
		w.in, err = w.command.StdinPipe()
	}
	if err == nil {
		err = w.command.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(w.dir))
	}
	w.answers = json.NewDecoder(bufio.NewReader(out))
	if err := w.answer(&w.ready); err != nil {
		w.end()
		return nil, err
	}
	return w, nil
}

func (w *worker) answer(to any) error {
	if err := w.answers.Decode(to); err != nil {
		_ = w.command.Wait()
		said := strings.TrimSpace(w.stderr.String())
		return errors.New(cmp.Or(said[strings.LastIndexByte(said, '\n')+1:], "ended without a word"))
	}
	return nil
}

func (w *worker) round(steps int) (r Round, err error) {
	if _, err := fmt.Fprintln(w.in, steps); err != nil {
		return r, err
	}
	return r, w.answer(&r)
}

// end lets the program go: it ends with its input.
func (w *worker) end() {
	_ = w.in.Close()
	_ = w.command.Wait()
	_ = os.RemoveAll(w.dir)
}

// apart is the greatest relative difference, infinite where there are not as many values.
func apart(a, b [][]float64) float64 {
	x, y := slices.Concat(a...), slices.Concat(b...)
	if len(x) != len(y) {
		return math.Inf(1)
	}
	most := 0.0
	for i := range x {
		most = max(most, math.Abs(x[i]-y[i])/max(1e-6, math.Abs(x[i]), math.Abs(y[i])))
	}
	return most
}

// medianInterval is the median and its 95 % interval, two order statistics, whatever the distribution.
func medianInterval(values []float64) (median, low, high float64) {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	median = (sorted[(n-1)/2] + sorted[n/2]) / 2
	k, tail, share := 0, 0.0, math.Pow(0.5, float64(n)) // of one side beyond the k-th value
	for tail+share <= 0.025 {
		tail += share
		share *= float64(n-k) / float64(k+1)
		k++
	}
	k = max(1, k)
	return median, sorted[k-1], sorted[n-k]
}
