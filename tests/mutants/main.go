// Command mutants breaks the code, one line at a time, and wants a test to go red each time:
//
//	go run ./tests/mutants            # all of them, from the checkout's root
//	go run ./tests/mutants vae nn     # those whose folder or text has one of these
//
// The breaks are kept in files mutants.json in the testdata of the packages that they are of. Nothing in the checkout is changed: the
// compiler is shown the broken file over the real one.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Mutant is a break of one line, and the test that sees it.
type Mutant struct {
	What string `json:"what"` // in words
	File string `json:"file"` // beside testdata
	Old  string `json:"old"`  // stands in the file once
	New  string `json:"new"`
	Test string `json:"test"` // go test's -run
	In   string `json:"in"`   // the test's package, from the checkout's root; the file's where it is left out

	folder string
}

// String names a mutant.
func (m Mutant) String() string { return filepath.Join(m.folder, m.File) + ": " + m.What }

func main() {
	log.SetFlags(0)
	mutants, err := read()
	if err != nil {
		log.Fatal(err)
	}
	red, bad := 0, 0
	for _, m := range mutants {
		if len(os.Args) > 1 && !slices.ContainsFunc(os.Args[1:], func(part string) bool { return strings.Contains(m.String(), part) }) {
			continue
		}
		began := time.Now()
		if err := m.try(); err != nil {
			bad++
			fmt.Printf("BAD  %s: %v\n", m, err)
			continue
		}
		red++
		fmt.Printf("red  %s (%s, %.0f s)\n", m, m.Test, time.Since(began).Seconds())
	}
	fmt.Printf("%d passed, %d failed\n", red, bad)
	if bad > 0 || red == 0 {
		os.Exit(1)
	}
}

// read finds the lists.
func read() ([]Mutant, error) {
	var all []Mutant
	err := filepath.WalkDir("lib", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "mutants.json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var list []Mutant
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&list); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, m := range list {
			m.folder = filepath.Dir(filepath.Dir(path))
			all = append(all, m)
		}
		return nil
	})
	return all, err
}

// text is the file that is broken.
func (m Mutant) text() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(m.folder, m.File))
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(text), m.Old); n != 1 {
		return nil, fmt.Errorf("%q stands in it %d times: it must be once", m.Old, n)
	}
	return text, nil
}

// pkg is the folder of the test's package.
func (m Mutant) pkg() string { return cmp.Or(m.In, m.folder) }

// try returns nil if the test goes red.
func (m Mutant) try() error {
	path, err := filepath.Abs(filepath.Join(m.folder, m.File))
	if err != nil {
		return err
	}
	text, err := m.text()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "genlab-mutant-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	broken, overlay := filepath.Join(dir, m.File), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: broken}})
	if err != nil {
		return err
	}
	err = errors.Join(os.WriteFile(broken, []byte(strings.Replace(string(text), m.Old, m.New, 1)), 0o600), os.WriteFile(overlay, replace, 0o600))
	if err != nil {
		return err
	}
	in := m.pkg()
	// Without vet, which knows no overlay; a hang is as good as a failure, but no way to see one.
	out, err := exec.Command("go", "test", "-vet=off", "-timeout", "5m", "-overlay", overlay, "-run", m.Test, "./"+filepath.ToSlash(in)).CombinedOutput()
	switch {
	case err == nil && bytes.Contains(out, []byte("no tests to run")):
		return fmt.Errorf("there is no test %s in %s", m.Test, in)
	case err == nil:
		return fmt.Errorf("%s passes", m.Test)
	case !bytes.Contains(out, []byte("--- FAIL")):
		return fmt.Errorf("%s doesn't run: %s", m.Test, bytes.TrimSpace(out))
	}
	return nil
}
