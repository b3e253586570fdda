//go:build !linux || !cgo

package backend

func keepMemory() {}
