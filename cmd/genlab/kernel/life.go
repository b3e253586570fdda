package kernel

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"genlab/cmd/genlab/gonb/child"
)

// grace is how long what a kernel has started may take to end after it: a training saves.
const grace = time.Minute

// live runs the kernel until it ends, and then ends what it has started and left. It ends the kernel when Jupyter has gone, the parent of
// this process. The kernel and this process watch each other: the kernel gets SIGTERM when this process has gone, and ends in order. It
// has a process group of its own, for Jupyter kills the whole group of the process that it has started.
func live(kernel *exec.Cmd) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	runtime.LockOSThread() // the kernel would take this thread's end for this process's
	defer runtime.UnlockOSThread()
	adopt()
	child.Own(kernel, syscall.SIGTERM)
	if err := kernel.Start(); err != nil {
		return fmt.Errorf("starting the kernel GoNB: %w", err)
	}
	ended := make(chan struct{})
	go passOn(signals, kernel.Process, ended)
	err := kernel.Wait()
	close(ended)
	endOrphans()
	if err != nil {
		return fmt.Errorf("the kernel GoNB has ended: %w", err)
	}
	return nil
}

// passOn tells the kernel the signals that come, and SIGTERM when the parent has gone.
func passOn(signals <-chan os.Signal, kernel *os.Process, ended <-chan struct{}) {
	parent := os.Getppid()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case s := <-signals:
			_ = kernel.Signal(s)
		case <-tick.C:
			if os.Getppid() != parent {
				parent = os.Getppid()
				_ = kernel.Signal(syscall.SIGTERM)
			}
		case <-ended:
			return
		}
	}
}

// endOrphans ends what the kernel has left: asks, waits, and kills.
func endOrphans() {
	asked := map[int]bool{}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		pids := orphans()
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			switch {
			case time.Since(began) > grace:
				_ = syscall.Kill(pid, syscall.SIGKILL)
			case !asked[pid]:
				asked[pid] = true
				_ = syscall.Kill(pid, syscall.SIGTERM)
			}
		}
	}
}

// folders are where kernels have all their files; each is locked while GoNB or the process that watches it lives.
const folders = "genlab-kernel_*"

// folderVariable tells GoNB, and what it starts, the folder.
const folderVariable = "GONB_TMP_DIR"

// newFolder makes a kernel's folder. GoNB inherits the file, and with it the lock.
func newFolder() (*os.File, error) {
	for {
		dir, err := os.MkdirTemp("", folders)
		if err != nil {
			return nil, err
		}
		f, err := os.Open(dir)
		if err == nil {
			err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		}
		if err == nil {
			_, err = os.Stat(dir)
		}
		// Another kernel may have swept it before it was locked.
		if !errors.Is(err, os.ErrNotExist) {
			return f, err
		}
	}
}

// sweep removes the folders of kernels that were killed with what watched them, and asks what they have started to end.
func sweep() {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), folders))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		f, err := os.Open(dir)
		if err != nil {
			continue // another user's
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			for _, pid := range startedIn(dir) {
				_ = syscall.Kill(pid, syscall.SIGTERM)
			}
			_ = os.RemoveAll(dir)
		}
		_ = f.Close()
	}
}
