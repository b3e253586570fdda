package tests

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"genlab/cmd/genlab/models"
	"genlab/lib/command"
)

// words are what flags, fields of configs and metrics are not called, and what they are: one vocabulary in every model.
var words = map[string]string{
	"lr": "rate", "learning_rate": "rate", "max_lr": "rate", "min_lr": "min_rate", "warmup": "warm_up", "warmup_steps": "warm_up",
	"vocabulary": "vocab", "width": "embed", "d_model": "embed", "depth": "layers", "num_layers": "layers", "num_heads": "heads",
	"batch_size": "batch", "test": "validation", "val": "validation", "test_loss": "validation_loss", "val_loss": "validation_loss",
	"random_seed": "seed", "num_epochs": "epochs",
}

// ours are the names of our own choice: those of an architecture's fields in JSON are the published ones, whatever they are.
func TestVocabulary(t *testing.T) {
	for _, m := range command.All() {
		for _, v := range m.Verbs {
			cmd := v.New()
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if better, bad := words[strings.ReplaceAll(f.Name, "-", "_")]; bad {
					t.Errorf("genlab %s %s has a flag --%s: call it --%s", v.Group, cmd.Name(), f.Name, strings.ReplaceAll(better, "_", "-"))
				}
			})
			if cmd.Short == "" {
				t.Errorf("genlab %s %s has no short help", v.Group, cmd.Name())
			}
		}
	}
	for _, m := range models.Specs() {
		for _, f := range m.Figures {
			if better, bad := words[f.Metric]; bad {
				t.Errorf("the figure %q reads the metric %s: call it %s", f.Name, f.Metric, better)
			}
		}
		for _, p := range m.Presets {
			if reflect.TypeOf(p.Config).Kind() != reflect.Struct {
				t.Errorf("the preset %s of %s is no config", p.Name, m.ID)
			}
		}
	}
}

// sources are the Go files below some folders.
func sources(t *testing.T, folders ...string) []string {
	t.Helper()
	var files []string
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, _ os.DirEntry, err error) error {
			if strings.HasSuffix(path, ".go") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestRefusals wants one form of refusing in all packages: NAME is VALUE: it must be …
func TestRefusals(t *testing.T) {
	other := regexp.MustCompile(`(Errorf|errors\.New)\(.*[;,] want `)
	for _, path := range sources(t, "lib", "cmd", "bench") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if other.MatchString(line) {
				t.Errorf("%s:%d: an error says what is wanted: say NAME is VALUE: it must be …", path, i+1)
			}
		}
	}
}

// spanning are test files of a whole package, or of what several of its files do together; each name says of what.
var spanning = []string{
	"example", "bench", "main", // Go's own kinds
	"peers", "golden", "errors", "memory", "speed", // by what the package is compared with
	"finite", "grid", "layers", "products", "second", "cases", // of all layers of nn
	"datasets", "features", "holes", "notebook", "pictures", "pipe", "sample", "table",
}

// TestTestFiles wants a test file to be called as the file that it tests: train_test.go beside train.go. One of a whole package may have
// the package's name, or one of those above.
func TestTestFiles(t *testing.T) {
	for _, path := range sources(t, "lib", "cmd", "bench") {
		name, is := strings.CutSuffix(path, "_test.go")
		if !is {
			continue
		}
		base := filepath.Base(name)
		known := base == filepath.Base(filepath.Dir(path)) || slices.Contains(spanning, base)
		for _, end := range []string{"", "_linux", "_bench", "_example", "_fuzz"} {
			if of, ok := strings.CutSuffix(name, end); ok && !known {
				_, missing := os.Stat(of + ".go")
				_, missingC := os.Stat(name + ".c")
				known = missing == nil || missingC == nil
			}
		}
		if !known {
			t.Errorf("%s tests no file of its name", path)
		}
	}
}
