package cyclegan

import (
	"os"
	"testing"

	"genlab/lib/backend/backendtest"
)

// TestMain takes the pure-Go backend unless told otherwise: XLA compiles a training step for seconds, and TestParity has that.
func TestMain(m *testing.M) {
	if os.Getenv("GOMLX_BACKEND") == "" {
		if err := os.Setenv("GOMLX_BACKEND", "go"); err != nil {
			panic(err)
		}
	}
	backendtest.Main(m)
}
