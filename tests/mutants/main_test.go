package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLists holds that each break is still one of a line that is there, and names tests that are: trying them all takes an hour.
func TestLists(t *testing.T) {
	t.Chdir("../..")
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	const least = 30
	if len(all) < least {
		t.Errorf("%d breaks are kept: there must be at least %d", len(all), least)
	}
	for _, m := range all {
		if _, err := m.text(); err != nil {
			t.Errorf("%s: %v", m, err)
		}
		for test := range strings.SplitSeq(m.Test, "|") {
			name, _, _ := strings.Cut(test, "/")
			if !declares(t, m.pkg(), name) {
				t.Errorf("%s: there is no test %s in %s", m, name, m.pkg())
			}
		}
	}
}

// declares says whether a package has a test whose name begins so, as go test's -run takes it.
func declares(t *testing.T, pkg, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("\nfunc "+strings.Trim(name, "^$"))) {
			return true
		}
	}
	return false
}
