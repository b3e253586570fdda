//go:build cgo && !asan && !msan

package memory

// #cgo LDFLAGS: -ldl
// #include "allocator_linux.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
)

// Kept is nil in a program whose large blocks are kept; the error says why they are not.
func Kept() error {
	switch C.genlab_memory() {
	case C.MEMORY_KEPT:
		return nil
	case C.MEMORY_OFF:
		return errors.New(Env + " is off")
	case C.MEMORY_SETTING:
		return fmt.Errorf("%s is %q: it must be off, or not set", Env, os.Getenv(Env))
	case C.MEMORY_LINKER:
		return errors.New("the program was linked by Go's own linker, which exports no functions")
	}
	return errors.New("malloc is not glibc's")
}
