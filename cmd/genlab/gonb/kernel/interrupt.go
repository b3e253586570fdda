//go:build gonb

// This file joins GoNB's own when the Makefile builds the kernel.

package kernel

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
)

// stopping keeps the kernel from stopping twice, which would be a panic: two signals may tell it of the end of the process above it.
var stopping atomic.Bool

// ErrInterrupted is why a cell has ended before its program ran.
var ErrInterrupted = errors.New("interrupted")

// GoNB tells an interrupt to the programs that run at that moment. Before a cell's program runs, the cell is compiled: here an interrupt
// counts for the request that it came after, whatever is done for it, and for those that wait behind.
var requests struct {
	sync.Mutex
	interrupts int
	running    context.Context
	cancel     context.CancelFunc
}

func init() { Begin(0) }

// Arrived is told to [Begin] when the turn of the request has come that arrives now.
func Arrived() int {
	requests.Lock()
	defer requests.Unlock()
	return requests.interrupts
}

// Begin begins a request.
func Begin(arrived int) {
	requests.Lock()
	defer requests.Unlock()
	if requests.cancel != nil {
		requests.cancel()
	}
	requests.running, requests.cancel = context.WithCancel(context.Background())
	if requests.interrupts > arrived {
		requests.cancel()
	}
}

// Running ends when the request that has begun last is interrupted.
func Running() context.Context {
	requests.Lock()
	defer requests.Unlock()
	return requests.running
}

// Interrupted says that it was.
func Interrupted() bool { return Running().Err() != nil }

// ending is set before the cells are told that the kernel ends.
var ending atomic.Bool

// End has the interrupts from now on mean the kernel's end.
func End() { ending.Store(true) }

// Signal tells a program of an interrupt. A kernel that is shut down is interrupted before, and a second SIGINT would end a training that
// saves: its end is another signal.
func Signal() syscall.Signal {
	if ending.Load() {
		return syscall.SIGTERM
	}
	return syscall.SIGINT
}

func interrupt() {
	requests.Lock()
	defer requests.Unlock()
	requests.interrupts++
	requests.cancel()
}
