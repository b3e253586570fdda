package runs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/torch"
	"genlab/lib/train"
)

// counted calls a function at each batch, from the goroutine that makes batches ahead of the training: at no step in particular.
type counted struct {
	train.Dataset
	at func(epoch, step int)
}

func (d counted) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	d.at(epoch, step)
	return d.Dataset.Batch(epoch, step)
}

// TestInterruptionsChangeNothing compares the whole run folder of an undisturbed training with those of trainings that were interrupted
// and killed, and gone on with.
func TestInterruptionsChangeNothing(t *testing.T) {
	for _, m := range models() {
		t.Run(m.name, func(t *testing.T) {
			base := t.TempDir()
			run := func(name string) string { return filepath.Join(base, name) }
			if err := m.train(t.Context(), options(run("whole")), m.data); err != nil {
				t.Fatal(err)
			}
			want := contents(t, run("whole"))

			ctx, stop := context.WithCancel(t.Context())
			stopping := counted{m.data, func(epoch, _ int) {
				if epoch == 1 {
					stop()
				}
			}}
			if err := m.train(ctx, options(run("interrupted")), stopping); !errors.Is(err, train.ErrInterrupted) {
				t.Fatalf("interrupted: %v", err)
			}
			// What a kill leaves is what lies there at a moment.
			killed := counted{m.data, func(epoch, step int) {
				if epoch == 1 && step == 1 {
					if err := os.CopyFS(run("killed"), readable{os.DirFS(run("left"))}); err != nil {
						t.Logf("copying while files are replaced: %v", err)
					}
				}
			}}
			if err := m.train(t.Context(), options(run("left")), killed); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"interrupted", "killed"} {
				if err := m.train(t.Context(), options(run(name)), m.data); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				got := contents(t, run(name))
				for file, text := range want {
					if got[file] != text {
						t.Errorf("%s: %s differs from that of an undisturbed run", name, file)
					}
				}
				for file := range got {
					if _, ok := want[file]; !ok {
						t.Errorf("%s: %s is left, which an undisturbed run hasn't", name, file)
					}
				}
			}
		})
	}
}

// readable leaves out the lock, which a copy needn't have.
type readable struct{ fs.FS }

func (r readable) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(r.FS, name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }), err
}

// contents gives the files of a run by their names: weights as their tensors, the last checkpoint alone, for which were kept beside it
// depends on where a training stopped.
func contents(t *testing.T, run string) map[string]string {
	t.Helper()
	all := map[string]string{}
	var checkpoints []string
	err := filepath.WalkDir(run, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(run, path) // below it
		switch {
		case err != nil || d.IsDir() || name == ".lock" || strings.HasSuffix(name, ".sha256"):
			return err
		case strings.HasPrefix(name, "checkpoints"):
			checkpoints = append(checkpoints, path)
			return nil
		case strings.HasSuffix(name, ".safetensors"):
			all[name] = tensorsOf(t, path)
			return nil
		}
		text, err := os.ReadFile(path)
		all[name] = string(text)
		return err
	})
	if err != nil || len(checkpoints) == 0 {
		t.Fatalf("%s: %d checkpoints, %v", run, len(checkpoints), err)
	}
	last := slices.Max(checkpoints)
	all["checkpoints/"+filepath.Base(last)] = tensorsOf(t, last)
	return all
}

func tensorsOf(t *testing.T, path string) string {
	t.Helper()
	state, err := torch.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(slices.Values(state.Names()))
	var b strings.Builder
	for _, name := range names {
		v, _ := state.Get(name)
		b.WriteString(name)
		b.Write(v.Data)
	}
	return b.String()
}
