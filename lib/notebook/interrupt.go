package notebook

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// UntilInterrupt is a context for a training: the kernel's interrupt, or its end, ends it, upon which the training saves and stops. A
// second interrupt ends the cell at once, as the first does in a cell that hasn't called UntilInterrupt.
func UntilInterrupt() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		// A kernel that is shut down interrupts the cell, and its end brings a SIGTERM: the training has time to save nevertheless.
		signal.Ignore(syscall.SIGTERM)
		stop()
	})
	return ctx
}

// endWithKernel ends this program within a second after the process that has started it: the kernel, for a cell's program. Linux brings
// a SIGTERM too, which may come to nothing while the program waits for an answer of the kernel. It is called off by what it returns.
func endWithKernel() (stop func()) {
	kernel := os.Getppid()
	tick := time.NewTicker(time.Second)
	stopped := make(chan struct{})
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-tick.C:
				if os.Getppid() != kernel {
					os.Exit(1)
				}
			}
		}
	}()
	return func() { close(stopped) }
}
