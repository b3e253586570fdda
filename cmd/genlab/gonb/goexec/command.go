//go:build gonb

// This file joins GoNB's own when the Makefile builds the kernel.

package goexec

import (
	"os/exec"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/internal/child"
	"github.com/janpfeifer/gonb/internal/kernel"
)

// The file that the kernel inherits says by its lock that it lives; what it starts is not to say so.
func init() { syscall.CloseOnExec(3) }

// command is one of the tools that make a cell's program. An interrupt ends it with what it has started, as the end of the kernel does;
// both tell it by the signal upon which go removes its temporary files.
func command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(kernel.Running(), name, args...)
	child.Own(cmd, syscall.SIGINT)
	cmd.Cancel = func() error { return child.Signal(cmd, syscall.SIGINT) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}
