// Package backendtest runs tests on every backend that stands on this machine.
package backendtest

import (
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend"
)

// Each runs a test on the pure-Go backend and on XLA's CPU one, as subtests; the second is skipped where its plugin is missing.
func Each(t *testing.T, test func(t *testing.T, b compute.Backend)) {
	t.Helper()
	for _, config := range []string{"go", "xla:cpu"} {
		t.Run(config, func(t *testing.T) {
			b, err := backend.New(config)
			if err != nil {
				t.Skipf("%v (install it with make setup)", err)
			}
			test(t, b)
		})
	}
}
