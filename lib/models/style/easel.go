package style

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/optimize"
)

// easel is a painting at one size.
type easel struct {
	ctx     context.Context // of the one call that made it
	painter *Painter
	shape   Picture
	name    string // tells losses from others
	losses  func(s *model.Scope, in []*graph.Node) Losses
	inputs  []any // of losses: the picture, and what it is compared with

	judged   []float32 // the picture that measured and gradient are of
	measured Measured
	gradient []float32
}

// judge measures a picture, if it isn't the one that was measured last.
func (e *easel) judge(pixels []float32) error {
	if slices.Equal(pixels, e.judged) {
		return nil
	}
	e.inputs[0] = Picture{e.shape.Height, e.shape.Width, pixels}.tensor()
	out, err := e.painter.run.Call(e.ctx, e.name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		l := e.losses(s, in)
		return []*graph.Node{graph.Stack([]*graph.Node{l.Content, l.Style, l.Variation, l.Total}, 0), graph.Gradient(l.Total, in[0])[0]}
	}, e.inputs...)
	if err != nil {
		return err
	}
	values, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return err
	}
	e.measured = Measured{float64(values[0]), float64(values[1]), float64(values[2]), float64(values[3])}
	e.gradient, err = tensors.CopyFlatData[float32](out[1])
	e.judged = slices.Clone(pixels)
	return err
}

func (e *easel) report(step int, pixels []float32, o Gatys) error {
	if o.Watch == nil || step == 0 {
		return e.ctx.Err()
	}
	if err := e.judge(pixels); err != nil {
		return err
	}
	return o.Watch(Progress{step, o.Steps, e.measured, Picture{e.shape.Height, e.shape.Width, slices.Clone(pixels)}})
}

// lbfgs minimises by gonum's L-BFGS, in float64 over a compiled loss and gradient in float32.
func (e *easel) lbfgs(from Picture, o Gatys) (Picture, error) {
	var failed error
	single := make([]float32, len(from.Pixels))
	judge := func(x []float64) {
		for i, v := range x {
			single[i] = float32(v)
		}
		if failed == nil {
			failed = e.judge(single)
		}
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 { judge(x); return e.measured.Sum },
		Grad: func(gradient, x []float64) {
			judge(x)
			for i, g := range e.gradient { // none when the first measurement failed
				gradient[i] = float64(g)
			}
		},
		Status: func() (optimize.Status, error) {
			if failed != nil {
				return optimize.Failure, failed
			}
			return optimize.NotTerminated, e.ctx.Err()
		},
	}
	start := make([]float64, len(from.Pixels))
	for i, v := range from.Pixels {
		start[i] = float64(v)
	}
	w := &watcher{easel: e, o: o, single: single}
	result, err := optimize.Minimize(problem, start, &optimize.Settings{
		MajorIterations: o.Steps + 1, // the start counts, too
		Converger:       optimize.NeverTerminate{}, Recorder: w,
	}, &optimize.LBFGS{Store: history})
	switch {
	case failed != nil:
		return Picture{}, failed
	case e.ctx.Err() != nil:
		return Picture{}, e.ctx.Err()
	case w.err != nil:
		return Picture{}, w.err
	case result == nil:
		return Picture{}, fmt.Errorf("style: L-BFGS: %w", err)
	}
	for i, v := range result.X {
		single[i] = float32(v)
	}
	if result.Status == optimize.IterationLimit { // gonum doesn't record the last
		err := e.report(w.step, single, o)
		return Picture{from.Height, from.Width, single}, err
	}
	// A line search that finds nothing better, as near a minimum in float32, ends the painting where it stands.
	return Picture{from.Height, from.Width, single}, nil
}

// watcher reports what gonum calls major iterations.
type watcher struct {
	easel  *easel
	o      Gatys
	single []float32
	step   int
	err    error
}

// Init is called before the first iteration.
func (*watcher) Init() error { return nil }

// Record is called with each operation.
func (w *watcher) Record(at *optimize.Location, op optimize.Operation, _ *optimize.Stats) error {
	if op != optimize.MajorIteration {
		return nil
	}
	for i, v := range at.X {
		w.single[i] = float32(v)
	}
	w.err = w.easel.report(w.step, w.single, w.o)
	w.step++
	return w.err
}

// adam minimises by Adam, whose moments are kept here: one compiled graph serves both optimisers.
func (e *easel) adam(from Picture, o Gatys) (Picture, error) {
	x := slices.Clone(from.Pixels)
	first, second := make([]float32, len(x)), make([]float32, len(x))
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	power1, power2 := 1.0, 1.0
	for step := range o.Steps {
		if err := e.judge(x); err != nil {
			return Picture{}, err
		}
		power1, power2 = power1*beta1, power2*beta2
		for i, g := range e.gradient {
			first[i] = beta1*first[i] + (1-beta1)*g
			second[i] = beta2*second[i] + (1-beta2)*g*g
			x[i] -= float32(o.Rate / (1 - power1) * float64(first[i]) / (math.Sqrt(float64(second[i])/(1-power2)) + eps))
		}
		if err := e.report(step+1, x, o); err != nil {
			return Picture{}, err
		}
	}
	return Picture{from.Height, from.Width, x}, nil
}
