package train

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// A checkpoint without a sum, or a damaged one, is none of the two that are kept.
func TestTornCheckpointsDontCount(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"torn":    func(path string) error { return os.Remove(path + ".sha256") },
		"damaged": func(path string) error { return os.Truncate(path, 100) },
	} {
		run := filepath.Join(t.TempDir(), "run")
		data := points{steps: 10}
		if err := runJob(t, context.Background(), job(t, defaultConfig(), data), quiet(run, 2)); err != nil {
			t.Fatal(err)
		}
		if err := damage(filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, 20))); err != nil {
			t.Fatal(err)
		}
		// The next save is of a later step, as that of a training interrupted at another moment is.
		l := &loop{job: job(t, defaultConfig(), data), opts: quiet(run, 3), good: []int{10}, step: 25}
		if err := l.checkpoint(); err != nil {
			t.Fatal(err)
		}
		if steps, err := checkpointSteps(run); err != nil || !slices.Equal(steps, []int{25, 10}) {
			t.Errorf("%s: checkpoints %v, %v; want 25 and the good one of 10", name, steps, err)
		}
	}
}

func TestTwoCheckpointsAreKept(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	for _, epochs := range []int{1, 4, 5} { // a resumed run keeps what it began from
		if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 10}), quiet(run, epochs)); err != nil {
			t.Fatal(err)
		}
	}
	if steps, err := checkpointSteps(run); err != nil || !slices.Equal(steps, []int{50, 40}) {
		t.Errorf("checkpoints %v, %v; want 50, 40", steps, err)
	}
}

func TestLoadComparesShapes(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 2}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	other := struct {
		Hidden *nn.Linear `nn:"hidden"`
		More   *nn.Linear `nn:"more"`
	}{nn.NewLinear(2, 65, true), nn.NewLinear(3, 4, false)}
	store := model.NewStore()
	if err := nn.Create(store.RootScope(), nn.Name(&other), 1); err != nil {
		t.Fatal(err)
	}
	_, err := Load(run, store)
	for _, want := range []string{"hidden.weight is [64 2] in the file, [65 2] in the model", "hidden.bias is [64]", "missing from the file: more.weight [4 3]"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in the error, got %v", want, err)
		}
	}
}
