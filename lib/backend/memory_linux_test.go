package backend

import (
	"syscall"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// A graph that is called again takes no fresh pages from the kernel for its buffers.
func TestKeepMemory(t *testing.T) {
	b, err := New("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	const size = 4 << 20 // values, 16 MiB
	exec := graph.MustNewExec(b, func(x *graph.Node) *graph.Node {
		return graph.ReduceAllSum(graph.CumSum(graph.BroadcastToDims(x, size), 0))
	})
	call := func() {
		out, err := exec.Call1(float32(1))
		if err != nil {
			t.Fatal(err)
		}
		out.MustFinalizeAll()
	}
	faults := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return u.Minflt
	}
	for range 20 {
		call()
	}
	before := faults()
	const calls = 10
	for range calls {
		call()
	}
	if n, pages := (faults()-before)/calls, int64(4*size/4096); n > pages/4 {
		t.Errorf("a call takes %d fresh pages, its buffer alone has %d", n, pages)
	}
}
