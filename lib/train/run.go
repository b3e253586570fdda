package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Job is what a model gives the loop.
type Job struct {
	// Model is the model's id, such as "vae".
	Model string
	// Config is all that the result depends on, sizes, rates and seeds: saved with the run, compared when it is resumed.
	Config any
	// Store holds the parameters, created; a resumed run puts its own values in their place.
	Store *model.Store
	// Step measures one scalar for each name in Metrics.
	Step    Step
	Metrics []string
	Data    Dataset
	// Seed decides dropout and noise, with the step.
	Seed uint64
	// AfterStep is called with what each step measured; steps count from 1 over all epochs. Nil: nothing is done.
	AfterStep func(ctx context.Context, step int, metrics []Metric) error
	// Evaluate measures the model after each epoch. Nil: nothing is measured.
	Evaluate func(ctx context.Context) ([]Metric, error)
	// AfterEpoch is called when an epoch has been measured, with the run's folder for samples. Nil: nothing is done.
	AfterEpoch func(ctx context.Context, epoch int, samples string) error
}

// Options are the choices of the one who trains, which leave the result as it is.
type Options struct {
	// Run is the directory to train in; an unfinished run there is resumed.
	Run string `flag:"run" help:"the run's directory"`
	// Epochs to train, counted from the run's beginning.
	Epochs int `flag:"epochs" help:"epochs in all, counted from the run's beginning"`
	// CheckpointEvery is the longest time between checkpoints; 0 is 30 seconds. There is one after every epoch too.
	CheckpointEvery time.Duration `flag:"checkpoint-every" help:"longest time between checkpoints; 0 is 30s"`
	// Devices is how many of the backend's devices share each batch, whose size must be a multiple of it; 0 is 1. The numbers are
	// those of one device but for the order of sums.
	Devices int `flag:"devices" help:"devices that share each batch; 0 is 1"`
	// Profile writes into the run what the training's time goes into: profile.json, a trace for Perfetto or Chrome's viewer, and
	// profile.txt, a summary, also by layer. For the latter pieces of the step are compiled and timed before the first.
	Profile bool `flag:"profile" help:"write what the time goes into: the run's profile.json, a trace for Perfetto, and profile.txt, also by layer"`
	// Watch is shown the progress a few times a second. Nil: a line on standard error.
	Watch func(Progress)
}

// ErrInterrupted is the end of a training whose context has ended. All its steps are saved.
var ErrInterrupted = errors.New("training interrupted")

const (
	logEvery  = 10 // steps between lines of metrics.jsonl
	showEvery = 200 * time.Millisecond
)

// Run trains a job in its run directory until opts.Epochs are done, from where an earlier call left off.
//
// The context's end saves and returns [ErrInterrupted]; signals are the program's own. A training that is refused before its first step
// leaves nothing in a fresh folder. A run directory that another process holds, another configuration or other data than the run's (see
// [Identified]), a metric that is no number, a disk that is full: each is an error that says so, and the last good checkpoint stays.
func Run(ctx context.Context, backend compute.Backend, job Job, opts Options) (err error) {
	if opts.Epochs < 1 {
		return fmt.Errorf("epochs is %d: it must be at least 1", opts.Epochs)
	}
	if opts.Devices < 0 {
		return fmt.Errorf("devices is %d: it must be at least 1", opts.Devices)
	}
	if job.Data.Steps() < 1 {
		return errors.New("the data set has no batch: give it more data or a smaller batch size")
	}
	dir, err := hold(opts.Run)
	if err != nil {
		return err
	}
	l := &loop{job: job, opts: opts, total: opts.Epochs * job.Data.Steps(), backend: backend, began: time.Now()}
	defer func() {
		if err != nil && dir.fresh && l.step == 0 && !errors.Is(err, ErrInterrupted) {
			err = errors.Join(err, dir.abandon())
			return
		}
		err = errors.Join(err, dir.release())
	}()
	lines := newPrinter(os.Stderr)
	if err := dir.describe(job, opts.Epochs, lines.note); err != nil {
		return err
	}

	if l.opts.Watch == nil {
		l.opts.Watch = lines.show
	}
	file, step, err := newestCheckpoint(opts.Run, lines.note)
	if err != nil {
		return err
	}
	if file != "" {
		if err := restore(job.Store, file); err != nil {
			return err
		}
		l.good = []int{step}
	}
	l.step, l.saved, l.note = step, step, lines.note
	if err := rewind(opts.Run, step); err != nil {
		return err
	}
	return l.run(ctx)
}

// loop is one call of Run.
type loop struct {
	job   Job
	opts  Options
	total int

	step, saved int   // steps done, steps in the newest checkpoint
	good        []int // steps of the checkpoints to keep
	first       int   // step at which this call began
	metrics     []Metric
	log         *os.File
	backend     compute.Backend
	devices     *devices // nil for one
	profile     *profile // nil for none
	note        func(string)

	began, shown, checkpointed time.Time
}

func (l *loop) run(ctx context.Context) (err error) {
	exec, err := model.NewExec(l.backend, l.job.Store, l.graph)
	if err != nil {
		return fmt.Errorf("preparing the training step: %w", err)
	}
	defer exec.Finalize()
	exec.WithName(l.job.Model + " step").SetMaxCache(-1) // batches may have any number of shapes

	l.log, err = os.OpenFile(metricsPath(l.opts.Run), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("opening the metrics of the run: %w", err)
	}
	defer func() { err = errors.Join(err, l.log.Close()) }()

	if l.opts.Profile {
		if l.profile, err = newProfile(l.opts.Run); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, l.profile.close()) }()
	}
	feed, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := prefetch(feed, l.job.Data, l.step, l.total, l.profile)
	l.first, l.began, l.checkpointed = l.step, time.Now(), time.Now()
	defer func() { l.show(true) }()

	for l.step < l.total {
		if ctx.Err() != nil {
			if err := l.checkpoint(); err != nil {
				return err
			}
			return fmt.Errorf("%w after %d of %d steps, all saved in %s: run it again to go on", ErrInterrupted, l.step, l.total, l.opts.Run)
		}
		waited := l.profile.span(trainingTrack, "wait for a batch")
		b, ok := <-batches
		waited()
		if !ok {
			continue // the context has ended
		}
		if b.err != nil {
			return fmt.Errorf("making the batch of step %d: %w", l.step+1, b.err)
		}
		if l.profile != nil && l.step == l.first {
			if err := l.profileLayers(ctx, b.inputs); err != nil {
				return err
			}
		}
		if err := l.advance(context.WithoutCancel(ctx), exec, b.inputs); err != nil {
			return err
		}
		epochEnds := l.step%l.job.Data.Steps() == 0
		if epochEnds {
			// Not interrupted: a resumed run begins after it, and would never measure this epoch.
			if err := l.endEpoch(context.WithoutCancel(ctx)); err != nil {
				return err
			}
		}
		if epochEnds || time.Since(l.checkpointed) >= l.interval() {
			if err := l.checkpoint(); err != nil {
				return err
			}
		}
		if time.Since(l.shown) >= showEvery {
			l.show(false)
		}
	}
	return nil
}

// graph wraps the model's step: inputs are the step's random key and the batch, the output all metrics in one tensor.
func (l *loop) graph(s *model.Scope, inputs []*graph.Node) *graph.Node {
	result := l.metricsOf(s, inputs)
	nn.OverwriteVariables(s.Store(), result.Graph())
	return result
}

// metricsOf builds the model's step.
func (l *loop) metricsOf(s *model.Scope, inputs []*graph.Node) *graph.Node {
	s.Store().SetTraining(inputs[0].Graph(), true)
	nn.SeedGraph(s, inputs[0])
	metrics := l.job.Step(s, inputs[1:]).Metrics
	if len(metrics) != len(l.job.Metrics) {
		panic(fmt.Errorf("the step of %s returns %d metrics and names %d", l.job.Model, len(metrics), len(l.job.Metrics)))
	}
	return graph.Stack(metrics, 0)
}

// advance does one step.
func (l *loop) advance(ctx context.Context, exec *model.Exec, inputs []*tensors.Tensor) error {
	what := "step: upload and start"
	if l.step == l.first {
		what = "first step: trace and compile"
	}
	done := l.profile.span(trainingTrack, what)
	out, err := l.call(exec, stepKey(l.job.Seed, l.step), inputs)
	done()
	if err != nil {
		return fmt.Errorf("step %d: %w", l.step+1, err)
	}
	done = l.profile.span(trainingTrack, "step: compute, read the metrics")
	values, err := tensors.CopyFlatData[float32](out)
	if err != nil {
		return fmt.Errorf("reading the metrics of step %d: %w", l.step+1, err)
	}
	done()
	for _, t := range append(inputs, out) {
		if err := t.FinalizeAll(); err != nil {
			return fmt.Errorf("freeing the tensors of step %d: %w", l.step+1, err)
		}
	}
	l.step++
	l.metrics = l.metrics[:0]
	for i, name := range l.job.Metrics {
		l.metrics = append(l.metrics, Metric{name, float64(values[i])})
	}
	if err := l.finite(l.metrics); err != nil {
		return err
	}
	if l.job.AfterStep != nil {
		if err := l.job.AfterStep(ctx, l.step, l.metrics); err != nil {
			return fmt.Errorf("after step %d: %w", l.step, err)
		}
	}
	if l.step%logEvery == 0 || l.step == 1 {
		return l.record(l.metrics)
	}
	return nil
}

// finite refuses metrics that are no numbers.
func (l *loop) finite(metrics []Metric) error {
	for _, m := range metrics {
		if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			return fmt.Errorf("%s is %v at step %d: the checkpoint of step %d is kept; try a smaller learning rate, or look for values that aren't numbers in the data",
				m.Name, m.Value, l.step, l.saved)
		}
	}
	return nil
}

// call runs the step's graph.
func (l *loop) call(exec *model.Exec, key *tensors.Tensor, inputs []*tensors.Tensor) (*tensors.Tensor, error) {
	if l.opts.Devices > 1 {
		if l.devices == nil {
			var err error
			if l.devices, err = spread(exec, l.backend, l.opts.Devices, len(inputs)); err != nil {
				return nil, err
			}
		}
		return l.devices.call(key, inputs)
	}
	return exec.Call1(stepArgs(key, inputs)...)
}

// stepArgs are the inputs of the step's graph on one device.
func stepArgs(key *tensors.Tensor, batch []*tensors.Tensor) []any {
	args := []any{key}
	for _, t := range batch {
		args = append(args, t)
	}
	return args
}

// stepKey is the random key of a step, [2]uint32.
func stepKey(seed uint64, step int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions([]uint32{uint32(seed ^ seed>>32), uint32(step)}, 2)
}

func (l *loop) endEpoch(ctx context.Context) error {
	defer l.profile.span(trainingTrack, "measure and sample after an epoch")()
	if l.job.Evaluate != nil {
		measured, err := l.job.Evaluate(ctx)
		if err != nil {
			return fmt.Errorf("measuring the model after epoch %d: %w", l.epoch(), err)
		}
		if err := l.finite(measured); err != nil {
			return err
		}
		l.metrics = append(l.metrics, measured...)
		if err := l.record(measured); err != nil {
			return err
		}
	}
	if l.job.AfterEpoch != nil {
		samples := filepath.Join(l.opts.Run, "samples")
		if err := noLink(samples); err != nil {
			return err
		}
		if err := os.MkdirAll(samples, 0o755); err != nil {
			return fmt.Errorf("making the directory of samples: %w", err)
		}
		if err := l.job.AfterEpoch(ctx, l.epoch(), samples); err != nil {
			return fmt.Errorf("after epoch %d: %w", l.epoch(), err)
		}
	}
	return nil
}

func (l *loop) interval() time.Duration {
	if l.opts.CheckpointEvery == 0 {
		return 30 * time.Second
	}
	return l.opts.CheckpointEvery
}

func (l *loop) checkpoint() error {
	if l.saved == l.step {
		return nil
	}
	defer l.profile.span(trainingTrack, "save a checkpoint")()
	if err := saveCheckpoint(l.opts.Run, l.job.Store, l.step); err != nil {
		return err
	}
	l.saved, l.checkpointed = l.step, time.Now()
	l.good = append(l.good, l.step)
	l.good = l.good[max(0, len(l.good)-kept):]
	return prune(l.opts.Run, l.good)
}

// record appends a line to metrics.jsonl.
func (l *loop) record(metrics []Metric) error {
	r := Record{Step: l.step, Epoch: l.epoch(), Values: map[string]float64{}}
	for _, m := range metrics {
		r.Values[m.Name] = m.Value
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("recording the metrics of step %d: %w", l.step, err)
	}
	if _, err := l.log.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("recording the metrics of step %d: %w", l.step, err)
	}
	return nil
}

// epoch is the one that the last step belongs to, counted from 1.
func (l *loop) epoch() int { return (max(l.step, 1)-1)/l.job.Data.Steps() + 1 }

func (l *loop) show(done bool) {
	l.shown = time.Now()
	p := Progress{
		Run: l.opts.Run, Step: l.step, Steps: l.total, Epoch: l.epoch(), Epochs: l.opts.Epochs,
		Metrics: append([]Metric(nil), l.metrics...), Done: done,
	}
	if n := l.step - l.first; n > 0 {
		p.Rate = float64(n) / time.Since(l.began).Seconds()
		p.Left = time.Duration(float64(l.total-l.step) / p.Rate * float64(time.Second))
	}
	l.opts.Watch(p)
}
