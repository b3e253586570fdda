package memory_test

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend"
	"genlab/lib/memory"
)

// A graph that is called again takes no fresh pages from the kernel for its buffers, small or beyond what a thread's arena holds.
func TestFaults(t *testing.T) {
	if err := memory.Kept(); err != nil {
		t.Skip("large blocks are not kept here: ", err)
	}
	b, err := backend.New("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	faults := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return u.Minflt
	}
	for _, mib := range []int{16, 80} {
		t.Run(fmt.Sprintf("%d MiB", mib), func(t *testing.T) {
			exec := graph.MustNewExec(b, func(x *graph.Node) *graph.Node {
				return graph.ReduceAllSum(graph.CumSum(graph.BroadcastToDims(x, mib<<18), 0))
			})
			call := func() {
				out, err := exec.Call1(float32(1))
				if err != nil {
					t.Fatal(err)
				}
				out.MustFinalizeAll()
			}
			for range 5 {
				call()
			}
			before := faults()
			const calls = 10
			for range calls {
				call()
			}
			if n, pages := (faults()-before)/calls, int64(mib<<8); n > pages/50 {
				t.Errorf("a call takes %d fresh pages, its buffer alone has %d", n, pages)
			}
		})
	}
}
