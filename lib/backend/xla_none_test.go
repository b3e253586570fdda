//go:build !cgo

package backend

import (
	"bytes"
	"strings"
	"testing"
)

// A program that was built without cgo computes in pure Go, says so in one line, and says why XLA can't be had when it is asked for.
func TestWithoutXLA(t *testing.T) {
	var said bytes.Buffer
	b, err := choose("", &said)
	if err != nil || Name(b) != "go" {
		t.Fatalf("backend %v, error %v", b, err)
	}
	if text := said.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "without cgo") {
		t.Errorf("it says %q", text)
	}
	if _, err := New("xla:cpu"); err == nil || !strings.Contains(err.Error(), "without cgo") {
		t.Errorf("xla:cpu: error %v", err)
	}
}
