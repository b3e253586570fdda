//go:build !linux || !cgo

package backend

import "errors"

func hookTable(Plugin, string) {}

// Programs is the folder in which what the plugin compiles is kept; the error says why nothing is.
func (p Plugin) Programs() (string, error) { return "", errors.New("kept on Linux alone") }
