package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// points is made data: batches of 8 points on a noisy plane.
type points struct {
	steps int
	spoil int // the step, over all epochs, that holds a NaN; 0 is none
}

func (p points) Steps() int { return p.steps }

func (p points) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	rng := rand.New(rand.NewPCG(uint64(epoch), uint64(step)))
	x, y := make([][]float32, 8), make([][]float32, 8)
	for i := range x {
		a, b := rng.Float32(), rng.Float32()
		x[i], y[i] = []float32{a, b}, []float32{3*a - 2*b + 1}
	}
	if p.spoil > 0 && epoch*p.steps+step == p.spoil {
		x[0][0] = float32(math.NaN())
	}
	return []*tensors.Tensor{tensors.FromValue(x), tensors.FromValue(y)}, nil
}

type net struct {
	Hidden *nn.Linear  `nn:"hidden"`
	Out    *nn.Linear  `nn:"out"`
	Drop   *nn.Dropout `nn:"drop"`
}

type config struct {
	Width int
	Rate  float64
}

func defaultConfig() config { return config{Width: 64, Rate: 1e-2} }

func job(t testing.TB, c config, data Dataset) Job {
	t.Helper()
	n := nn.Name(&net{nn.NewLinear(2, c.Width, true), nn.NewLinear(c.Width, 1, true), &nn.Dropout{P: 0.1}})
	store := model.NewStore()
	if err := nn.Create(store.RootScope(), n, 1); err != nil {
		t.Fatal(err)
	}
	params, adam := nn.Trained(n), nn.NewAdam(c.Rate)
	return Job{
		Model: "plane", Config: c, Seed: 3, Store: store, Data: data, Metrics: []string{"loss"},
		Step: func(s *model.Scope, in Batch) Stepped {
			y := n.Out.Forward(s, n.Drop.Forward(s, graph.Tanh(n.Hidden.Forward(s, in[0]))))
			loss := graph.ReduceAllMean(graph.Square(graph.Sub(y, in[1])))
			adam.Update(s, params, nn.Gradients(s, loss, params))
			return Stepped{Metrics: []*graph.Node{loss}}
		},
	}
}

func quiet(run string, epochs int) Options {
	return Options{Run: run, Epochs: epochs, Watch: func(Progress) {}}
}

func runJob(t testing.TB, ctx context.Context, j Job, o Options) error {
	t.Helper()
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	return Run(ctx, b, j, o)
}

func lastCheckpoint(t testing.TB, run string) []byte {
	t.Helper()
	steps, err := checkpointSteps(run)
	if err != nil || len(steps) == 0 {
		t.Fatalf("no checkpoint in %s: %v", run, err)
	}
	text, err := os.ReadFile(filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, steps[0])))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRunLearnsAndRecords(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	var last Progress
	o := quiet(run, 3)
	o.Watch = func(p Progress) { last = p }
	epochs := 0
	j := job(t, defaultConfig(), points{steps: 100})
	j.AfterEpoch = func(_ context.Context, epoch int, samples string) error {
		epochs = epoch
		_, err := os.Stat(samples)
		return err
	}
	j.Evaluate = func(context.Context) ([]Metric, error) { return []Metric{{"validation_loss", 0.5}}, nil }
	if err := runJob(t, context.Background(), j, o); err != nil {
		t.Fatal(err)
	}
	if !last.Done || last.Step != 300 || last.Epoch != 3 || epochs != 3 {
		t.Errorf("the last progress is %+v, after epoch %d", last, epochs)
	}
	records, err := ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	if _, tests := Series(records, "validation_loss"); len(tests) != 3 {
		t.Errorf("validation_loss was recorded %d times in 3 epochs", len(tests))
	}
	_, losses := Series(records, "loss")
	if first, end := losses[0], losses[len(losses)-1]; end > first/5 {
		t.Errorf("the loss went from %g to %g", first, end)
	}
}

func TestInterruptAndResumeGivesTheSame(t *testing.T) {
	dir := t.TempDir()
	whole, parts := filepath.Join(dir, "whole"), filepath.Join(dir, "parts")
	data := points{steps: 50}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), data), quiet(whole, 4)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	j := job(t, defaultConfig(), data)
	j.AfterEpoch = func(_ context.Context, epoch int, _ string) error {
		if epoch == 2 {
			cancel()
		}
		return nil
	}
	if err := runJob(t, ctx, j, quiet(parts, 4)); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("want ErrInterrupted, got %v", err)
	}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), data), quiet(parts, 4)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(lastCheckpoint(t, whole), lastCheckpoint(t, parts)) {
		t.Error("an interrupted run ends in other parameters than an uninterrupted one")
	}
	a, _ := os.ReadFile(metricsPath(whole))
	b, _ := os.ReadFile(metricsPath(parts))
	if !bytes.Equal(a, b) {
		t.Error("an interrupted run ends in other metrics than an uninterrupted one")
	}
}

func TestRefusals(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	data := points{steps: 5}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), data), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	other := defaultConfig()
	other.Width = 65
	held := filepath.Join(t.TempDir(), "held")
	lock, err := hold(held)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.release() }()

	for _, c := range []struct {
		name, want string
		job        Job
		options    Options
	}{
		{"another config", "Width: 64 in the run, 65 now", job(t, other, data), quiet(run, 2)},
		{"another batch count", "5 batches an epoch, not 6", job(t, defaultConfig(), points{steps: 6}), quiet(run, 2)},
		{"held elsewhere", "another process is training", job(t, defaultConfig(), data), quiet(held, 1)},
		{"no epochs", "epochs is 0", job(t, defaultConfig(), data), quiet(run, 0)},
		{"no run", "needs a run directory", job(t, defaultConfig(), data), quiet("", 1)},
		{"no data", "no batch", job(t, defaultConfig(), points{}), quiet(run, 2)},
	} {
		err := runJob(t, context.Background(), c.job, c.options)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
}

// A program's signals are its own: one that it handles doesn't stop its training.
func TestSignalsAreTheProgramsOwn(t *testing.T) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	j := job(t, defaultConfig(), points{steps: 20})
	j.AfterStep = func(_ context.Context, step int, _ []Metric) error {
		if step != 3 {
			return nil
		}
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
			return err
		}
		<-interrupts // has come to all that listen
		return nil
	}
	if err := runJob(t, context.Background(), j, quiet(filepath.Join(t.TempDir(), "run"), 1)); err != nil {
		t.Error(err)
	}
}

func TestNaNStopsAndKeepsTheCheckpoint(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 10, spoil: 13}), quiet(run, 2))
	if err == nil || !strings.Contains(err.Error(), "loss is NaN at step 14: the checkpoint of step 10 is kept") {
		t.Fatalf("got %v", err)
	}
	if steps, _ := checkpointSteps(run); len(steps) != 1 || steps[0] != 10 {
		t.Errorf("checkpoints: %v", steps)
	}
}

func TestNaNAfterAnEpoch(t *testing.T) {
	j := job(t, defaultConfig(), points{steps: 10})
	j.Evaluate = func(context.Context) ([]Metric, error) { return []Metric{{"validation_loss", math.NaN()}}, nil }
	err := runJob(t, context.Background(), j, quiet(filepath.Join(t.TempDir(), "run"), 2))
	if err == nil || !strings.Contains(err.Error(), "validation_loss is NaN at step 10") {
		t.Errorf("got %v", err)
	}
}

// Checkpoints that are all damaged must not push out the new ones.
func TestAllCheckpointsDamaged(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 10}), quiet(run, 3)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{20, 30} {
		if err := os.Remove(filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName+".sha256", step))); err != nil {
			t.Fatal(err)
		}
	}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 10}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	if steps, err := checkpointSteps(run); err != nil || !slices.Equal(steps, []int{10}) {
		t.Errorf("checkpoints %v, %v; want that of step 10", steps, err)
	}
}

func TestDamagedCheckpointIsPassedOver(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	data := points{steps: 10}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), data), quiet(run, 2)); err != nil {
		t.Fatal(err)
	}
	want := lastCheckpoint(t, run)
	newest := filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, 20))
	for name, damage := range map[string]func() error{
		"a flipped bit": func() error {
			text, err := os.ReadFile(newest)
			if err != nil {
				return err
			}
			text[len(text)-1] ^= 1
			return os.WriteFile(newest, text, 0o644)
		},
		"a torn file":        func() error { return os.Truncate(newest, 100) },
		"an unfinished save": func() error { return os.Remove(newest + ".sha256") },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		var notes []string
		_, step, err := newestCheckpoint(run, func(line string) { notes = append(notes, line) })
		if err != nil || step != 10 || len(notes) != 1 {
			t.Errorf("%s: step %d, notes %q, error %v", name, step, notes, err)
		}
		if err := runJob(t, context.Background(), job(t, defaultConfig(), data), quiet(run, 2)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(lastCheckpoint(t, run), want) {
			t.Errorf("%s: training again from the one before gives other parameters", name)
		}
	}
}

func TestFullDiskAndReadOnly(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root, permissions don't hold: the read-only case is a file in the directory's place")
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 2}), quiet(filepath.Join(blocked, "run"), 1))
	var path *fs.PathError
	if !errors.As(err, &path) {
		t.Errorf("a run where no directory can be: got %v", err)
	}

	// A limit on the size of files is what a full disk looks like to a program.
	run := filepath.Join(t.TempDir(), "run")
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 10}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	before := lastCheckpoint(t, run)
	out, err := child(run, "TRAIN_LIMIT=512").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "checkpoint") {
		t.Errorf("a full disk: %v, %s", err, out)
	}
	if !bytes.Equal(lastCheckpoint(t, run), before) {
		t.Error("a full disk cost the last good checkpoint")
	}
}

const childSteps, childEpochs = 10, 15

// child is this test binary, training in run.
func child(run string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=TestChild$", "-test.v")
	cmd.Env = append(append(os.Environ(), "TRAIN_RUN="+run), env...)
	return cmd
}

// TestChild is the process that other tests start and kill.
func TestChild(t *testing.T) {
	run := os.Getenv("TRAIN_RUN")
	if run == "" {
		t.Skip("only run as a child of other tests")
	}
	if limit, err := strconv.ParseUint(os.Getenv("TRAIN_LIMIT"), 10, 64); err == nil {
		// Beyond the limit a write fails with EFBIG; Go ignores the signal that comes with it.
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			t.Fatal(err)
		}
	}
	o := quiet(run, childEpochs)
	o.CheckpointEvery = time.Millisecond
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // as programs do
	defer stop()
	if err := runJob(t, ctx, job(t, defaultConfig(), points{steps: childSteps}), o); err != nil {
		t.Fatal(err)
	}
}

// TestKillStorm kills a training at random moments, in steps and in saves, and resumes it: the parameters at the end are bit
// for bit those of an uninterrupted run. GENLAB_KILLS asks for more kills.
func TestKillStorm(t *testing.T) {
	kills := 5
	if n, err := strconv.Atoi(os.Getenv("GENLAB_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	began := time.Now()
	if out, err := child(whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(began)

	killed, signals := 0, []os.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, os.Interrupt}
	for round := 0; killed < kills; round++ {
		run := filepath.Join(dir, fmt.Sprint("storm", round))
		for {
			cmd := child(run)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			var err error
			select {
			case err = <-done:
			case <-time.After(time.Duration(rand.Float64() * 1.2 * float64(took))):
				_ = cmd.Process.Signal(signals[killed%len(signals)]) // it may just have ended
				err = <-done
			}
			if err == nil {
				break
			}
			killed++
		}
		if !bytes.Equal(lastCheckpoint(t, whole), lastCheckpoint(t, run)) {
			t.Fatalf("round %d: after %d kills the parameters differ from an uninterrupted run's", round, killed)
		}
	}
	t.Logf("%d kills, all resumed to the same parameters", killed)
}
