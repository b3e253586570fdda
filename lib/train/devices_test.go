package train

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"genlab/lib/backend"
	"genlab/lib/torch"
)

// TestDevices trains on two devices what it trains on one: the same losses, and the same checkpoint.
func TestDevices(t *testing.T) {
	t.Setenv("XLA_FLAGS", os.Getenv("XLA_FLAGS")+" --xla_force_host_platform_device_count=3")
	b, err := backend.New("xla:cpu")
	if err != nil {
		t.Skipf("%v (install it with make setup)", err)
	}
	type trained struct {
		losses []float64
		state  *torch.StateDict
	}
	train := func(devices int) trained {
		dir := t.TempDir()
		var got trained
		j := job(t, defaultConfig(), points{steps: 20})
		j.AfterStep = func(_ context.Context, _ int, m []Metric) error {
			got.losses = append(got.losses, m[0].Value)
			return nil
		}
		if err := Run(t.Context(), b, j, Options{Run: dir, Epochs: 2, Devices: devices, Watch: func(Progress) {}}); err != nil {
			t.Fatal(err)
		}
		file, step, err := newestCheckpoint(dir, func(string) {})
		if err != nil || step != 40 {
			t.Fatalf("checkpoint of step %d, %v", step, err)
		}
		if got.state, err = torch.Read(file); err != nil {
			t.Fatal(err)
		}
		return got
	}
	one, two := train(1), train(2)
	for i, v := range one.losses {
		if d := math.Abs(two.losses[i] - v); !(d <= 1e-5*max(1, math.Abs(v))) {
			t.Errorf("step %d: %v on one device, %v on two", i+1, v, two.losses[i])
		}
	}
	if one.state.Len() != two.state.Len() {
		t.Fatalf("%d tensors in one checkpoint, %d in the other", one.state.Len(), two.state.Len())
	}
	for _, name := range one.state.Names() {
		a, _ := one.state.Get(name)
		b, ok := two.state.Get(name)
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		x, errX := a.Float32s()
		y, errY := b.Float32s()
		if errX != nil || errY != nil || len(x) != len(y) {
			t.Fatalf("%s: %v, %v", name, errX, errY)
		}
		for i := range x {
			if d := math.Abs(float64(x[i] - y[i])); !(d <= 1e-5*max(1, math.Abs(float64(x[i])))) {
				t.Errorf("%s[%d]: %v on one device, %v on two", name, i, x[i], y[i])
			}
		}
	}
	for devices, want := range map[int]string{3: "multiple", 99: "has 3", -1: "at least 1"} {
		err := Run(t.Context(), b, job(t, defaultConfig(), points{steps: 1}), Options{Run: t.TempDir(), Epochs: 1, Devices: devices, Watch: func(Progress) {}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d devices: %v; want %q", devices, err, want)
		}
	}
}
