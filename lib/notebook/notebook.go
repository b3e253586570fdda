// Package notebook is what a cell needs beside the models and their pictures: errors in few words, a training to watch and to stop,
// panels whose controls a person moves.
package notebook

import (
	"fmt"
	"image"
	"os"
	"path/filepath"

	"genlab/lib/viz"
)

// Check ends the cell with the error's own words, if there is one: a panic would bury them under its trace. In a view of [Explore] it
// ends that view alone.
func Check(err error) {
	if err != nil && viewing {
		panic(viewError{err})
	}
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
