package notebook

import (
	"context"
	"errors"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

func TestUntilInterrupt(t *testing.T) {
	ctx := UntilInterrupt()
	if ctx.Err() != nil {
		t.Fatal("it has ended before any interrupt")
	}
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after an interrupt the context's error is %v", ctx.Err())
	}

	// The kernel's end, which follows when it is shut down, would end this test.
	defer signal.Reset(syscall.SIGTERM)
	for end := time.Now().Add(10 * time.Second); !signal.Ignored(syscall.SIGTERM); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("SIGTERM isn't ignored")
		}
	}
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}
