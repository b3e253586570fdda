package tests

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"genlab/lib/backend"
)

// built is the genlab command, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "genlab-tests-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "genlab")
	out, err := exec.Command("go", "build", "-o", path, "genlab/cmd/genlab").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building genlab: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := built(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// genlab runs the command on a backend and returns its standard output.
func genlab(t *testing.T, config string, args ...string) (string, error) {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "GOMLX_BACKEND="+config)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("genlab %v: %w\n%s", args, err, errs.String())
	}
	return out.String(), nil
}

// needXLA skips a test where XLA's plugin is missing.
func needXLA(t *testing.T) {
	t.Helper()
	if _, err := backend.New("xla:cpu"); err != nil {
		t.Skipf("%v (install it with make setup)", err)
	}
}

// madeDigits writes a small data set in MNIST's format and returns its folder.
func madeDigits(t *testing.T, train, test int) string {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	for name, n := range map[string]int{"train": train, "t10k": test} {
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		for _, d := range []int{n, 28, 28} {
			images = binary.BigEndian.AppendUint32(images, uint32(d))
		}
		labels := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 0x801), uint32(n))
		for i := range n {
			for p := range 784 {
				images = append(images, byte(200*((p/28+i)%10/9)+rng.IntN(40)))
			}
			labels = append(labels, byte(i%10))
		}
		for kind, data := range map[string][]byte{"images-idx3": images, "labels-idx1": labels} {
			if err := os.WriteFile(filepath.Join(dir, name+"-"+kind+"-ubyte"), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}
