// Command hammer has many threads make, resize, hand over and free blocks of memory by every function that package memory hooks, while
// processes are forked and started, and looks at all that lies in them. It prints what became of large blocks: "kept", or why not.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"

	"genlab/lib/memory"
)

// #include "hammer.h"
import "C"

func main() {
	if len(os.Args) > 1 {
		return // a child
	}
	why, kept := memory.Kept(), C.int(0)
	if why == nil {
		kept = 1
	}
	var wait sync.WaitGroup
	var forked atomic.Bool
	for i := range 16 {
		wait.Go(func() {
			if wrong := C.hammer(C.uint(i), 300, kept); wrong != nil {
				fmt.Println("wrong:", C.GoString(wrong))
				os.Exit(1)
			}
		})
	}
	for range 2 {
		wait.Go(func() {
			for !forked.Load() {
				C.churn(1000)
			}
		})
	}
	for i := range 15 {
		if status := C.fork_and_hammer(kept); status != 0 {
			fmt.Printf("wrong: a forked child ended with status %#x\n", int(status))
			os.Exit(1)
		}
		if i%5 > 0 {
			continue
		}
		if out, err := exec.Command("/proc/self/exe", "child").CombinedOutput(); err != nil {
			fmt.Printf("wrong: a started child: %v\n%s\n", err, out)
			os.Exit(1)
		}
	}
	forked.Store(true)
	wait.Wait()
	switch keeps := C.keeps(); {
	case keeps != kept:
		fmt.Println("wrong: whether a large block is the one freed before:", keeps, "but", why)
		os.Exit(1)
	case kept == 0:
		fmt.Println(why)
	default:
		fmt.Println("kept")
	}
}
