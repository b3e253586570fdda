package command

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"time"

	"genlab/lib/viz"
)

// frameEvery is the batches from one frame of the animation to the next: every other of the article's lines has one.
const frameEvery = 100

// isFrame says whether the animation has a frame of a step, counted from 1 over all epochs. Nothing but the step decides it: a run in
// parts has the frames of one in a piece.
func isFrame(step, stepsAnEpoch int) bool { return (step-1)%stepsAnEpoch%frameEvery == 0 }

// animate joins a folder's PNG files, in the order of their names.
func animate(folder, path string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var frames []image.Image
	for _, file := range files {
		name := filepath.Join(folder, file.Name())
		if filepath.Ext(name) != ".png" {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		frame, err := png.Decode(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("reading the frame %s: %w", name, err)
		}
		frames = append(frames, frame)
	}
	return viz.SaveGIF(path, frames, 200*time.Millisecond)
}
