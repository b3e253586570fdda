// Package files reads what others put into folders: regular files alone, of a size that is allowed.
package files

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Open opens a regular file, or a link to one, and gives its size in bytes. Anything else is an error; a pipe would have the reader
// wait for ever.
func Open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before opening, which waits on a pipe
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is a %s: it must be a file", path, typeName(info.Mode()))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func typeName(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "folder"
	case mode&os.ModeNamedPipe != 0:
		return "pipe"
	case mode&os.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// MaxText is the most bytes that a file of text to learn from may have.
const MaxText = 4 << 30

// Read reads a regular file of at most n bytes.
func Read(path string, most int64) ([]byte, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	if size > most {
		return nil, fmt.Errorf("%s has %d bytes: at most %d are read", path, size, most)
	}
	raw := make([]byte, size)
	n, err := io.ReadFull(f, raw)
	if err != nil && n < len(raw) {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return raw, nil
}

// Walk lists what lies in a folder and those below it, folders themselves aside, as paths from the folder on, in the order of their
// names. Links are followed; hidden files and folders, whose names begin with a dot, are passed over.
func Walk(dir string) ([]string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	left := maxFiles
	return walk(dir, "", []os.FileInfo{info}, &left)
}

// maxFiles is the most that a folder may list: links to folders of links to folders could make it any number.
const maxFiles = 50_000_000

// walk lists a folder below dir. above are the folders that it lies in, itself the last; left is how many files there may still be.
func walk(dir, below string, above []os.FileInfo, left *int) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, below)) // in the order of their names
	if err != nil {
		return nil, err
	}
	if *left -= len(entries); *left < 0 {
		return nil, fmt.Errorf("%s and what it links to have more than %d files", dir, maxFiles)
	}
	var list []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(below, e.Name())
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || !info.IsDir() { // a broken link is for who opens it
			list = append(list, path)
			continue
		}
		for _, a := range above {
			if os.SameFile(a, info) {
				return nil, fmt.Errorf("%s links to a folder that it lies in: take the link away", filepath.Join(dir, path))
			}
		}
		inner, err := walk(dir, path, append(above[:len(above):len(above)], info), left)
		if err != nil {
			return nil, err
		}
		list = append(list, inner...)
	}
	return list, nil
}
