package notebook

import (
	"context"
	"errors"
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
}
