package fetch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Archive is a package of npm's or Debian's.
type Archive struct {
	Package, Version, SHA256 string
	Name                     string // in the set's folder, such as "google.tgz"
}

// npm has it fetch the archives into folder.
func (s Set) npm(ctx context.Context, _, folder string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("fetching %s: npm isn't there: install Node.js, which brings it", s.Name)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, a := range s.Archives {
		cmd := exec.CommandContext(ctx, npm, "pack", a.Package+"@"+a.Version, "--pack-destination", folder, "--ignore-scripts", "--silent")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("fetching %s %s by npm: %w: %s", a.Package, a.Version, err, strings.TrimSpace(string(out)))
		}
		if err := os.Rename(filepath.Join(folder, fmt.Sprintf("%s-%s.tgz", a.Package, a.Version)), filepath.Join(folder, a.Name)); err != nil {
			return err
		}
	}
	return nil
}
