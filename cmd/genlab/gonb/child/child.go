//go:build unix

// Package child is for processes that must not outlive the one that starts them. GoNB's build uses it, and `genlab kernel run`.
package child

import (
	"os/exec"
	"syscall"
)

// Own puts cmd, which isn't started yet, into a process group of its own. On Linux it gets the signal end when this process has ended,
// however that was.
func Own(cmd *exec.Cmd, end syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr, end)
}

// Signal goes to the started cmd and to what it has started, but for what left its group.
func Signal(cmd *exec.Cmd, s syscall.Signal) error { return syscall.Kill(-cmd.Process.Pid, s) }
