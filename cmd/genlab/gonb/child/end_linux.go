package child

import "syscall"

// The signal comes when the thread ends that started the child. Go ends none but those locked to a goroutine that returned.
func endWithParent(a *syscall.SysProcAttr, end syscall.Signal) { a.Pdeathsig = end }
