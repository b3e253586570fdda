package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// replaceFile writes a file whole or not at all. What a kill leaves of it lies beside it, for [sweep].
func replaceFile(path string, text []byte) error {
	return renameio.WriteFile(path, text, 0o644, renameio.WithTempDir(filepath.Dir(path)))
}

// readFile reads a regular file. Anything else could be waited for for ever: a pipe, say.
func readFile(path string) ([]byte, error) {
	if err := regular(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// regular is an error when path is no file, or isn't there.
func regular(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file but %s", path, info.Mode().Type())
	}
	return nil
}

// noLink is an error when path is a symbolic link: what is written below it would lie elsewhere.
func noLink(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&os.ModeSymlink != 0 {
		return fmt.Errorf("%s is a link: a training writes into its own run alone; remove the link, or name another run directory", path)
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// unfinished are the names of files that a killed training didn't get to rename.
var unfinished = []string{
	"checkpoints/.step-*", ".config.json*", ".metrics.jsonl*", "." + bestName + "*", ".live.json*", ".live.png*", ".profile.json*", ".profile.txt*",
}

// sweep removes what killed trainings left half written in a run. Only who holds the run may call it: nobody else writes these files.
func sweep(run string) error {
	for _, pattern := range unfinished {
		names, err := fs.Glob(os.DirFS(run), pattern)
		if err != nil {
			return fmt.Errorf("looking for what a kill left: %w", err)
		}
		for _, name := range names {
			if err := removeIfThere(filepath.Join(run, filepath.FromSlash(name))); err != nil {
				return fmt.Errorf("removing what a kill left: %w", err)
			}
		}
	}
	return nil
}
