//go:build cgo

package backend

import "C" // links memory_linux.c
