package fetch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"genlab/lib/data/files"
)

// deb has apt-get fetch the package to tmp, checks it and takes the set's files out of it.
func (s Set) deb(ctx context.Context, tmp, folder string) error {
	inHand := func(err error) error {
		var names []string
		for _, f := range s.Files {
			names = append(names, fmt.Sprintf("%s as %s (SHA-256 %s)", f.Path, f.Name, f.SHA256))
		}
		path, _ := s.path() // it was found before
		return fmt.Errorf("fetching %s: %w; without apt-get, unpack Debian's %s %s by hand and put into %s: %s", s.Name, err, s.Package, s.Version, path,
			strings.Join(names, ", "))
	}
	deb, err := downloadDeb(ctx, tmp, s.Package)
	if err != nil {
		return inHand(err)
	}
	got, err := sum(deb)
	if err != nil {
		return err
	}
	if got != s.SHA256 {
		return inHand(fmt.Errorf("%s has the SHA-256 %s: it must be %s, of version %s", filepath.Base(deb), got, s.SHA256, s.Version))
	}
	if err := run(ctx, tmp, "dpkg-deb", "--extract", deb, "unpacked"); err != nil {
		return inHand(err)
	}
	for _, f := range s.Files {
		content, err := files.Read(filepath.Join(tmp, "unpacked", filepath.FromSlash(f.Path)), maxDebFile)
		if err != nil {
			return err
		}
		to := filepath.Join(folder, f.Name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, 0o644); err != nil { //nolint:gosec // anybody may read it
			return err
		}
	}
	return nil
}

// downloadDeb has apt-get fetch a package to a folder that has none.
func downloadDeb(ctx context.Context, folder, name string) (path string, err error) {
	if err := run(ctx, folder, "apt-get", "download", name); err != nil {
		return "", err
	}
	debs, err := filepath.Glob(filepath.Join(folder, "*.deb"))
	if err != nil || len(debs) != 1 {
		return "", fmt.Errorf("apt-get left %d packages: there must be one", len(debs))
	}
	return debs[0], nil
}

// debs has apt-get fetch the archives' packages to tmp, and keeps the tar that each holds.
func (s Set) debs(ctx context.Context, tmp, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, a := range s.Archives {
		if err := a.deb(ctx, tmp, folder); err != nil {
			path, _ := s.path() // it was found before
			return fmt.Errorf("fetching %s: %w; by hand, write the tar of Debian's %s %s (dpkg-deb --fsys-tarfile) to %s", s.Name, err, a.Package, a.Version,
				filepath.Join(path, a.Name))
		}
	}
	return nil
}

func (a Archive) deb(ctx context.Context, tmp, folder string) (err error) {
	own, err := os.MkdirTemp(tmp, "deb-")
	if err != nil {
		return err
	}
	deb, err := downloadDeb(ctx, own, a.Package)
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(folder, a.Name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var said strings.Builder
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", deb)
	cmd.Stdout, cmd.Stderr = out, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("dpkg-deb --fsys-tarfile %s: %w: %s", filepath.Base(deb), err, strings.TrimSpace(said.String()))
	}
	got, err := sum(out.Name())
	if err == nil && got != a.SHA256 {
		err = fmt.Errorf("the tar in %s has the SHA-256 %s: it must be %s, of version %s", filepath.Base(deb), got, a.SHA256, a.Version)
	}
	return err
}

// maxDebFile is as much as a file of a package may hold.
const maxDebFile = 256 << 20

// run runs a command in a folder; its output is the error's text.
func run(ctx context.Context, folder, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(append([]string{name}, args...), " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
