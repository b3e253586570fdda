package command

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMeasureTable wants rows off a plane to be told from those on it, and what is no label refused.
func TestMeasureTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b,c,anomaly\n")
	for i := range 120 {
		u, v := math.Sin(float64(i)), math.Cos(1.7*float64(i))
		label := 0
		w := u + v
		if i%12 == 5 {
			label, w = 1, -3*w+4
		}
		fmt.Fprintf(&b, "%.4f,%.4f,%.4f,%d\n", u, v, w, label)
	}
	path := filepath.Join(t.TempDir(), "plane.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := run(t, "", "measure", "--table", path, "--label", "anomaly", "--preset", "tiny", "--window", "1", "--epochs", "30")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range detectors {
		if !strings.Contains(out, name+" ") {
			t.Errorf("%s is missing:\n%s", name, out)
		}
	}
	if !strings.Contains(out, "PCA, what is lost  AUROC 1.0000 ± 0.0000") {
		t.Errorf("what two components lose tells them all:\n%s", out)
	}
	for want, label := range map[string]string{"--label is empty": "", `no column "x"`: "x", "a is ": "a"} {
		if _, _, err := run(t, "", "measure", "--table", path, "--label", label); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", label, err, want)
		}
	}
}
