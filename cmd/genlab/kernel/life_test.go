package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSweep: folders of kernels that live stay, and what is not a kernel's.
func TestSweep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	alive, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = alive.Close() }()
	dead, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dead.Name(), "main.go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(os.TempDir(), "gonb_1234")
	link := filepath.Join(os.TempDir(), "genlab-kernel_link")
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	sleep := exec.Command("sleep", "1000")
	sleep.Env = append(os.Environ(), folderVariable+"="+dead.Name())
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	sweep()
	if runtime.GOOS != "linux" {
		_ = sleep.Process.Kill()
	}
	if err := sleep.Wait(); runtime.GOOS == "linux" && (err == nil || err.Error() != "signal: terminated") {
		t.Errorf("what a dead kernel has started ended with %v", err)
	}
	for path, want := range map[string]bool{alive.Name(): true, dead.Name(): false, other: true, link: false} {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s: %v, and it is to be there: %v", path, err, want)
		}
	}
}

// TestLive: what a kernel has started and left ends with it, and its own error is told.
func TestLive(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux gives a process the children of those below it")
	}
	pidFile := filepath.Join(t.TempDir(), "pid")
	err := live(exec.Command("sh", "-c", `sh -c 'sleep 1000 & echo $! > "$0"' "$0"; exit 3`, pidFile))
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("it ended with %v", err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("its child's child lives")
	}
}

// TestLiveSignals: a signal goes on to the kernel.
func TestLiveSignals(t *testing.T) {
	started := filepath.Join(t.TempDir(), "started")
	go func() {
		for {
			if _, err := os.Stat(started); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
	}()
	err := live(exec.Command("sh", "-c", `trap 'exit 7' TERM; : > "$0"; while :; do sleep 0.01; done`, started))
	if err == nil || !strings.Contains(err.Error(), "exit status 7") {
		t.Errorf("it ended with %v", err)
	}
}
