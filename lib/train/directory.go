package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/gofrs/flock"
)

// description is a run's config.json.
type description struct {
	Model  string          `json:"model"`
	Epochs int             `json:"epochs"`
	Steps  int             `json:"steps_per_epoch"`
	Config json.RawMessage `json:"config"`
	Data   json.RawMessage `json:"data,omitempty"` // what [Identified] tells
}

// directory is a run's folder, held by this process.
type directory struct {
	path  string
	lock  *flock.Flock
	fresh bool // there was no run in it
	made  bool // nor a folder
}

// hold makes the folder if need be and takes it for this process. The system lets go of it when the process ends, however it ends.
func hold(path string) (*directory, error) {
	if path == "" {
		return nil, errors.New("a training needs a run directory, and none was given: name one, such as runs/vae")
	}
	if err := noLink(filepath.Join(path, "samples")); err != nil {
		return nil, err
	}
	_, err := os.Stat(path)
	made := errors.Is(err, os.ErrNotExist)
	if err := os.MkdirAll(filepath.Join(path, "checkpoints"), 0o755); err != nil {
		return nil, fmt.Errorf("making the run directory: %w", err)
	}
	lock, err := take(filepath.Join(path, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("locking the run directory %s: %w", path, err)
	}
	if lock == nil {
		return nil, fmt.Errorf("another process is training in %s: wait for it, stop it, or name another run directory", path)
	}
	_, err = os.Stat(filepath.Join(path, "config.json"))
	d := &directory{path: path, lock: lock, fresh: errors.Is(err, os.ErrNotExist), made: made}
	if err := sweep(path); err != nil {
		return nil, errors.Join(err, d.release())
	}
	return d, nil
}

// take locks the file at path, and makes it if need be; nil when another process holds it.
func take(path string) (*flock.Flock, error) {
	if err := regular(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for {
		lock := flock.New(path)
		if held, err := lock.TryLock(); !held {
			return nil, err
		}
		mine, err := lock.Stat()
		if err != nil {
			return nil, errors.Join(err, lock.Unlock())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(mine, there) {
			return lock, nil
		}
		// Between its opening and its locking another process abandoned the run, and removed the file.
		if err := lock.Unlock(); err != nil {
			return nil, err
		}
	}
}

func (d *directory) release() error { return d.lock.Unlock() }

// abandon removes what a training that did no step has left in a fresh folder, and releases it.
func (d *directory) abandon() error {
	var errs []error
	for _, name := range []string{"config.json", "metrics.jsonl", traceName, summaryName, "live.json", "live.png"} {
		errs = append(errs, removeIfThere(filepath.Join(d.path, name)))
	}
	for _, name := range []string{"checkpoints", "samples"} {
		_ = os.Remove(filepath.Join(d.path, name)) // stays when something is in it
	}
	errs = append(errs, removeIfThere(filepath.Join(d.path, ".lock")))
	if d.made {
		_ = os.Remove(d.path) // as above
	}
	return errors.Join(append(errs, d.release())...)
}

// describe writes config.json, or compares the one that is there with what is asked. More or fewer epochs are no conflict. note is
// called with a line when the data can't be compared.
func (d *directory) describe(job Job, epochs int, note func(string)) error {
	raw, err := json.Marshal(job.Config)
	if err != nil {
		return fmt.Errorf("encoding the config: %w", err)
	}
	data, err := identify(job.Data)
	if err != nil {
		return err
	}
	old, err := readDescription(d.path)
	switch {
	case err == nil:
		if old.Model != job.Model {
			return fmt.Errorf("%s holds a run of model %q, not of %q: name another run directory", d.path, old.Model, job.Model)
		}
		switch {
		case old.Data == nil && data != nil:
			note(fmt.Sprintf("%s doesn't say on what data it was started: from now on it is taken to be this", d.path))
		case old.Data != nil && data == nil:
			note(fmt.Sprintf("%s was started on data that it knows; the data given now doesn't say what it is: it is taken to be the same", d.path))
			data = old.Data
		default:
			if diff := otherData(old.Data, data); len(diff) > 0 {
				return fmt.Errorf("%s was started on other data (%s): give the same data, batch size and order's seed to go on, or name another run directory",
					d.path, strings.Join(diff, "; "))
			}
		}
		if old.Steps != job.Data.Steps() {
			return fmt.Errorf("%s was started with %d batches an epoch, not %d: give the same data and batch size to go on, or name another run directory",
				d.path, old.Steps, job.Data.Steps())
		}
		if diff := differences(old.Config, raw); len(diff) > 0 {
			return fmt.Errorf("%s was started with another configuration (%s): give the same one to go on, or name another run directory",
				d.path, strings.Join(diff, "; "))
		}
		if old.Epochs == epochs && (old.Data == nil) == (data == nil) {
			return nil
		}
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	text, err := json.MarshalIndent(description{job.Model, epochs, job.Data.Steps(), raw, data}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding config.json: %w", err)
	}
	return replaceFile(filepath.Join(d.path, "config.json"), append(text, '\n'))
}

func readDescription(run string) (*description, error) {
	path := filepath.Join(run, "config.json")
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var d description
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return &d, nil
}

// ModelOf is the id of the model that a run is of.
func ModelOf(run string) (string, error) {
	d, err := readDescription(run)
	if err != nil {
		return "", err
	}
	return d.Model, nil
}

// ReadConfig fills config from a run of the model, whose fields may have their old names. It says so when the run isn't there or is another model's.
func ReadConfig(run, model string, config any) error {
	d, err := readDescription(run)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("no run in %q (it has no config.json): train one there first, or name another directory", run)
	}
	if err != nil {
		return err
	}
	if d.Model != model {
		return fmt.Errorf("%s holds a run of model %q, not of %q", run, d.Model, model)
	}
	if err := json.Unmarshal(renameFields(d.Config), config); err != nil {
		return fmt.Errorf("reading the config of %s: %w", run, err)
	}
	return nil
}

// differences names the fields in which two JSON objects differ, with both values.
func differences(old, given json.RawMessage) []string {
	a, b := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	flatten("", renameFields(old), a)
	flatten("", renameFields(given), b)
	var list []string
	for name, value := range a {
		if other, ok := b[name]; !ok {
			list = append(list, fmt.Sprintf("%s: %s in the run, absent now", name, value))
		} else if !bytes.Equal(value, other) {
			list = append(list, fmt.Sprintf("%s: %s in the run, %s now", name, value, other))
		}
	}
	for name, value := range b {
		if _, ok := a[name]; !ok {
			list = append(list, fmt.Sprintf("%s: absent in the run, %s now", name, value))
		}
	}
	sort.Strings(list)
	return list
}

func flatten(prefix string, raw json.RawMessage, into map[string]json.RawMessage) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		var compact bytes.Buffer
		if json.Compact(&compact, raw) == nil {
			raw = compact.Bytes()
		}
		into[prefix] = raw
		return
	}
	if prefix != "" {
		prefix += "."
	}
	for name, value := range fields {
		flatten(prefix+name, value, into)
	}
}
