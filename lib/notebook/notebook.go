// Package notebook is what a cell needs beside the models and their pictures: errors in few words, and a training to watch.
package notebook

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"

	"github.com/janpfeifer/gonb/gonbui"

	"genlab/lib/train"
	"genlab/lib/viz"
)

// Check ends the cell with the error's own words, if there is one: a panic would bury them under its trace.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Must returns the value, or ends the cell as [Check] does.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Reduced says that a notebook is only tested: whatever trains for minutes is to train shortly. GENLAB_REDUCED=1 sets it.
func Reduced() bool { return os.Getenv("GENLAB_REDUCED") != "" }

// RunDir is the directory of a run for a notebook of this checkout. A reduced notebook has runs of its own.
func RunDir(name string) string {
	if Reduced() {
		return filepath.Join("..", ".cache", "reduced", name)
	}
	return filepath.Join("..", "runs", name)
}

// Show is [viz.Show] for a cell.
func Show(picture image.Image, name ...string) { Check(viz.Show(picture, name...)) }

// Watch is for train.Options.Watch: one picture that grows with the training, with the curves of the named metrics (loss and
// test_loss when none is named). A saved notebook holds its last state. Outside a notebook it is nil, and the training prints lines.
func Watch(metrics ...string) func(train.Progress) {
	if !gonbui.IsNotebook {
		return nil
	}
	if len(metrics) == 0 {
		metrics = []string{"loss", "test_loss"}
	}
	var live viz.Live
	return func(p train.Progress) {
		// A picture that can't be drawn is no reason to stop a training.
		_ = live.Update(func() image.Image { return picture(p, metrics) })
		if p.Done {
			_ = live.Close()
		}
	}
}

// picture draws a run as its metrics tell it, from its first step on, whichever cell trained it.
func picture(p train.Progress, metrics []string) image.Image {
	records, err := train.ReadMetrics(p.Run)
	if err != nil {
		return nil
	}
	var curves []viz.Curve
	positive := true
	for _, name := range metrics {
		if steps, values := train.Series(records, name); len(values) > 0 {
			curves = append(curves, viz.Curve{Name: name, X: steps, Y: values})
			positive = positive && slices.Min(values) > 0
		}
	}
	p.Metrics = nil // the curves show them
	return viz.Curves(curves, viz.PlotConfig{Title: p.String(), X: "step", LogY: positive})
}
