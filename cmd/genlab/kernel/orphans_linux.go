package kernel

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// adopt has this process become the parent of those below it whose own has ended.
func adopt() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// orphans are the living children of this process; those that have ended are buried.
func orphans() []int {
	for {
		if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
			break
		}
	}
	var pids []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		// PID (NAME) STATE PARENT …, and a name may hold anything.
		var state string
		var parent int
		_, err = fmt.Sscan(string(text[bytes.LastIndexByte(text, ')')+1:]), &state, &parent)
		if pid, wrong := strconv.Atoi(filepath.Base(filepath.Dir(stat))); err == nil && wrong == nil && parent == os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// startedIn are the processes that the kernel with this folder has started, and those below them.
func startedIn(folder string) []int {
	var pids []int
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, environ := range environs {
		text, err := os.ReadFile(environ)
		if err != nil {
			continue // it has ended, or is another user's
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(environ)))
		if err == nil && slices.Contains(strings.Split(string(text), "\x00"), folderVariable+"="+folder) {
			pids = append(pids, pid)
		}
	}
	return pids
}
