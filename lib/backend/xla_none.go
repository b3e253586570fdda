//go:build !cgo

package backend

import (
	"errors"

	"github.com/gomlx/compute"
)

var withoutXLA = errors.New("this program was built without cgo (CGO_ENABLED=0, or no C compiler), which XLA needs")

func xlaName(compute.Backend) string { return "" }

func (p Plugin) open(string) (compute.Backend, error) { return nil, withoutXLA }

func installRelease(string, Plugin, func(string)) error { return withoutXLA }
