// Package bench times workloads beside PyTorch and JAX: those that the models declare, and its own, which are of no model. bench/run.py
// conducts; docs/performance.md has the results.
package bench

import "genlab/lib/spec"

// Own lists the workloads of no model.
func Own() []*spec.Workload {
	return append([]*spec.Workload{imageFeeding(), textFeeding()}, machine()...)
}
