package exchange

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestInterruptible(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	failed := errors.New("failed")
	if err := interruptible(ctx, func() error { return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	time.AfterFunc(10*time.Millisecond, stop)
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	if err := interruptible(ctx, func() error { <-forever; return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
