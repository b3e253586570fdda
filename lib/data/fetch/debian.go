package fetch

import (
	"context"
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
	if err := run(ctx, tmp, "apt-get", "download", s.Package); err != nil {
		return inHand(err)
	}
	debs, err := filepath.Glob(filepath.Join(tmp, "*.deb"))
	if err != nil || len(debs) != 1 {
		return inHand(fmt.Errorf("apt-get left %d packages: there must be one", len(debs)))
	}
	got, err := sum(debs[0])
	if err != nil {
		return err
	}
	if got != s.SHA256 {
		return inHand(fmt.Errorf("%s has the SHA-256 %s: it must be %s, of version %s", filepath.Base(debs[0]), got, s.SHA256, s.Version))
	}
	if err := run(ctx, tmp, "dpkg-deb", "--extract", debs[0], "unpacked"); err != nil {
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
