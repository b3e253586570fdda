// Command genlab trains, samples and inspects generative models, and sets up what they run on.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "genlab/lib/memory" // keeps the blocks that XLA frees; GENLAB_MEMORY=off leaves them to the C library
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
