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
	"github.com/google/renameio/v2"

	"genlab/lib/torch"
)

// A checkpoint is a safetensors file with every variable of the store, beside a file in sha256sum's format that is written after
// it: a checkpoint without the second, or at odds with it, was cut short or damaged, and counts for nothing.

const (
	checkpointName = "step-%09d.safetensors"
	kept           = 2 // the last good one, and one to fall back on
)

// saveCheckpoint writes the store after the given number of steps, then drops old checkpoints.
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
	if err := renameio.WriteFile(path+".sha256", []byte(sum+"  "+filepath.Base(path)+"\n"), 0o644); err != nil {
		return fmt.Errorf("saving the checkpoint of step %d: %w", step, err)
	}
	return prune(run, step)
}

// prune removes all but the newest checkpoints up to that of saved. Those of later steps are damaged, or the run would have gone on from
// them.
func prune(run string, saved int) error {
	steps, err := checkpointSteps(run)
	if err != nil {
		return err
	}
	later := slices.Index(steps, saved)
	for i, step := range steps {
		if i >= later && i < later+kept {
			continue
		}
		path := filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, step))
		if err := errors.Join(removeIfThere(path+".sha256"), removeIfThere(path)); err != nil {
			return fmt.Errorf("removing an old checkpoint: %w", err)
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
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

// newestCheckpoint reads the newest whole checkpoint and the number of its step; nil when there is none. note is called with a
// line for each damaged one that it passes over.
func newestCheckpoint(run string, note func(string)) (*torch.StateDict, int, error) {
	steps, err := checkpointSteps(run)
	if err != nil {
		return nil, 0, err
	}
	for _, step := range steps {
		path := filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, step))
		state, err := readChecked(path)
		if err == nil {
			return state, step, nil
		}
		note(fmt.Sprintf("checkpoint %s is left aside: %v", path, err))
	}
	return nil, 0, nil
}

func readChecked(path string) (*torch.StateDict, error) {
	want, err := os.ReadFile(path + ".sha256")
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("it was not written to its end")
	}
	if err != nil {
		return nil, err
	}
	got, err := sha256File(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(string(want), got) {
		return nil, errors.New("its checksum is wrong: it was damaged")
	}
	return torch.Read(path)
}

func sha256File(path string) (string, error) {
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
// are created.
func restore(store *model.Store, state *torch.StateDict) error {
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
		if !v.Shape().Equal(value.Shape()) {
			return fmt.Errorf("restoring %s: the checkpoint has %s, the model %s", name, value.Shape(), v.Shape())
		}
		if err := v.SetValue(value); err != nil {
			return fmt.Errorf("restoring %s: %w", name, err)
		}
	}
	return nil
}

// Load puts the newest checkpoint of a run into the store and returns the number of its step. What the training notes in passing
// (a damaged checkpoint) goes to standard error.
func Load(run string, store *model.Store) (step int, err error) {
	state, step, err := newestCheckpoint(run, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return 0, err
	}
	if state == nil {
		return 0, fmt.Errorf("run %s has no checkpoint yet: train it first", run)
	}
	return step, restore(store, state)
}
