package notebook

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// UntilInterrupt is a context for a training: the kernel's interrupt (or SIGTERM) ends it, upon which the training saves and stops. A
// second interrupt ends the cell at once, as the first does in a cell that hasn't called UntilInterrupt.
func UntilInterrupt() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}
