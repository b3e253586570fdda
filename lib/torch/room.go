//go:build unix

package torch

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// room says whether so much memory can be had. Go itself ends the program where it can't; a mapping that is asked for and given back
// answers.
func room(n int64) error {
	const always = 64 << 20
	if n < always {
		return nil
	}
	if most := containerMemory(); n > most {
		return fmt.Errorf("it takes %d MB of memory, and this container may use %d", n>>20, most>>20)
	}
	b, err := syscall.Mmap(-1, 0, int(n), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("it takes %d MB of memory, which this machine hasn't: %w", n>>20, err)
	}
	return syscall.Munmap(b)
}

// containerMemory is what Linux grants a container.
func containerMemory() int64 {
	raw, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64); err == nil {
			return n
		}
	}
	return 1 << 62
}
