package exchange

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/torch"
)

// TestDescribePrints holds describe against what PyTorch's print shows of the article's classes, byte for byte.
func TestDescribePrints(t *testing.T) {
	files, err := filepath.Glob("testdata/print/*.txt")
	if err != nil || len(files) != 5 {
		t.Fatalf("the article prints 5 models, testdata/print has %d: %v", len(files), err)
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimSuffix(filepath.Base(file), ".txt")
		var stdout, stderr strings.Builder
		if code := run(t.Context(), []string{"describe", id}, &stdout, &stderr); code != exitOK {
			t.Errorf("%s: exit %d: %s", id, code, stderr.String())
		} else if stdout.String() != string(want) {
			t.Errorf("%s prints\n%s\nPyTorch\n%s", id, stdout.String(), want)
		}
	}
}

// TestDescribeCounts holds the parameters against PyTorch's counts of the article's models.
func TestDescribeCounts(t *testing.T) {
	for id, want := range map[string]int{
		"dcgan.generator": 3576704, "dcgan.discriminator": 2765568, "vae": 652824, "rnn": 850, "encoder": 14878720, "gpt": 124439808,
	} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), []string{"describe", id, "--json"}, &stdout, &stderr); code != exitOK {
			t.Errorf("%s: exit %d: %s", id, code, stderr.String())
			continue
		}
		var got torch.Summary
		if err := json.Unmarshal([]byte(stdout.String()), &got); err != nil {
			t.Fatal(err)
		}
		if got.Params != want {
			t.Errorf("%s has %d parameters, PyTorch's %d", id, got.Params, want)
		}
	}
}
