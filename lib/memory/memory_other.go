//go:build !linux || !cgo || asan || msan

package memory

import "errors"

// Kept is nil in a program whose large blocks are kept; the error says why they are not.
func Kept() error { return errors.New("only on Linux, with cgo, without a sanitizer") }
