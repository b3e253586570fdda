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
