// Package backendtest runs tests on every backend that stands on this machine.
package backendtest

import (
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend"
)

// Each runs a test on the pure-Go backend, on XLA's CPU one and, where there is a GPU, on that, as subtests; those whose plugin is missing
// are skipped.
func Each(t *testing.T, test func(t *testing.T, b compute.Backend)) {
	t.Helper()
	configs := []string{"go", "xla:cpu"}
	if backend.HasGPU() {
		configs = append(configs, "xla:cuda")
	}
	for _, config := range configs {
		t.Run(config, func(t *testing.T) {
			b, err := backend.New(config)
			if err != nil {
				t.Skipf("%v (install it with make setup)", err)
			}
			test(t, b)
		})
	}
}
