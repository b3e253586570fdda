package train

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/torch"
)

// A checkpoint is a safetensors file with every variable of the store, beside a file in sha256sum's format that is written after
// it: a checkpoint without the second, or at odds with it, was cut short or damaged, and counts for nothing.

const (
	checkpointName = "step-%09d.safetensors"
	kept           = 2 // the last good one, and one to fall back on: those that this training wrote or began from
)

// saveCheckpoint writes the store after the given number of steps.
func saveCheckpoint(run string, store *model.Store, step int) error {
	state := &torch.StateDict{}
	for v := range store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return fmt.Errorf("reading %s for a checkpoint: %w", v.Path(), err)
		}
		t, err := torch.FromGoMLX(value)
		if err != nil {
			return fmt.Errorf("reading %s for a checkpoint: %w", v.Path(), err)
		}
		state.Set(strings.TrimPrefix(v.Path(), "/"), t)
	}
	path := filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, step))
	if err := torch.Write(path, state); err != nil {
		return fmt.Errorf("saving the checkpoint of step %d: %w", step, err)
	}
	sum, err := sha256File(path)
	if err != nil {
		return fmt.Errorf("saving the checkpoint of step %d: %w", step, err)
	}
	if err := replaceFile(path+".sha256", []byte(sum+"  "+filepath.Base(path)+"\n")); err != nil {
		return fmt.Errorf("saving the checkpoint of step %d: %w", step, err)
	}
	return nil
}

// prune removes all checkpoints but those of the given steps, which are known to be good: any other is older, or was cut short or
// damaged, and must not be counted for one of those kept.
func prune(run string, good []int) error {
	steps, err := checkpointSteps(run)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if slices.Contains(good, step) {
			continue
		}
		path := filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, step))
		if err := errors.Join(removeIfThere(path+".sha256"), removeIfThere(path)); err != nil {
			return fmt.Errorf("removing an old checkpoint: %w", err)
		}
	}
	return nil
}

// checkpointSteps lists the steps of a run's checkpoints, whole or not, newest first.
func checkpointSteps(run string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(run, "checkpoints"))
	if err != nil {
		return nil, fmt.Errorf("looking for checkpoints: %w", err)
	}
	var steps []int
	for _, e := range entries {
		var step int
		if n, _ := fmt.Sscanf(e.Name(), checkpointName, &step); n == 1 && e.Name() == fmt.Sprintf(checkpointName, step) {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	slices.Reverse(steps)
	return steps, nil
}

// newestCheckpoint finds the newest whole checkpoint, its file and the number of its step; "" when there is none. note is called with a
// line for each damaged one that it passes over.
func newestCheckpoint(run string, note func(string)) (file string, step int, err error) {
	steps, err := checkpointSteps(run)
	if err != nil {
		return "", 0, err
	}
	for _, step := range steps {
		path := filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, step))
		err := check(path)
		if err == nil {
			return path, step, nil
		}
		note(fmt.Sprintf("checkpoint %s is left aside: %v", path, err))
	}
	return "", 0, nil
}

// check says what is wrong with a checkpoint's file.
func check(path string) error {
	want, err := readFile(path + ".sha256")
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("it was not written to its end")
	}
	if err != nil {
		return err
	}
	got, err := sha256File(path)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(want), got) {
		return errors.New("its checksum is wrong: it was damaged")
	}
	return nil
}

func sha256File(path string) (string, error) {
	if err := regular(path); err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// restore puts a checkpoint's tensors into the store; those that the store lacks (an optimiser's moments, before its first step)
// are created. The shapes are compared before any value is read.
func restore(store *model.Store, file string) error {
	shapes, err := torch.ReadShapes(file)
	if err != nil {
		return err
	}
	if err := compareShapes(store, shapes); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	state, err := torch.Read(file)
	if err != nil {
		return err
	}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		value, err := t.ToGoMLX()
		if err != nil {
			return fmt.Errorf("restoring %s: %w", name, err)
		}
		v := store.GetVariable("/" + name)
		if v == nil {
			v, err = store.CreateVariable("/"+name, value)
			if err != nil {
				return fmt.Errorf("restoring %s: %w", name, err)
			}
			v.SetTrainable(false)
			continue
		}
		if v.DType() != value.DType() {
			return fmt.Errorf("restoring %s: the checkpoint has %s, the model %s", name, value.Shape(), v.Shape())
		}
		if err := v.SetValue(value); err != nil {
			return fmt.Errorf("restoring %s: %w", name, err)
		}
	}
	return nil
}

// compareShapes lists the variables of the store that the checkpoint lacks or has in another shape.
func compareShapes(store *model.Store, checkpoint []torch.Spec) error {
	var want []torch.Spec
	for v := range store.IterVariables() {
		want = append(want, torch.Spec{Name: strings.TrimPrefix(v.Path(), "/"), Shape: v.Shape().Dimensions})
	}
	return compareSpecs(want, checkpoint).Err(false)
}

// compareSpecs lists what is wanted and the checkpoint lacks or has in another shape.
func compareSpecs(all, checkpoint []torch.Spec) torch.Difference {
	there := map[string][]int{}
	for _, spec := range checkpoint {
		there[spec.Name] = spec.Shape
	}
	var d torch.Difference
	for _, want := range all {
		if shape, ok := there[want.Name]; !ok {
			d.Missing = append(d.Missing, want)
		} else if !slices.Equal(shape, want.Shape) {
			d.Reshaped = append(d.Reshaped, [2]torch.Spec{{Name: want.Name, Shape: shape}, want})
		}
	}
	return d
}

// Load puts the newest checkpoint of a run into the store and returns the number of its step. What the training notes in passing
// (a damaged checkpoint) goes to standard error.
func Load(run string, store *model.Store) (step int, err error) {
	file, step, err := newestCheckpoint(run, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return 0, err
	}
	if file == "" {
		return 0, noCheckpoint(run)
	}
	return step, restore(store, file)
}
