package backendtest

import (
	"flag"
	"os"
	"testing"
)

// Main is a package's TestMain for tests that compile much and compute little: XLA compiles quickly then, and its code runs slower.
// Benchmarks, and whoever sets XLA_FLAGS, are left as they are.
func Main(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" && os.Getenv("XLA_FLAGS") == "" {
		_ = os.Setenv("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true") // a valid name
	}
	os.Exit(m.Run())
}

// OnGo is [Main] for tests that compile too much even so: what opens the process's backend gets the pure-Go one, unless GOMLX_BACKEND says otherwise.
func OnGo(m *testing.M) {
	if os.Getenv("GOMLX_BACKEND") == "" {
		if err := os.Setenv("GOMLX_BACKEND", "go"); err != nil {
			panic(err)
		}
	}
	Main(m)
}
