// Command rename gives the module another path: in go.mod, imports, templates, notebooks and documents. The Makefile runs it:
//
//	make rename MODULE=host/owner/genlab
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("rename: ")
	if len(os.Args) != 2 {
		log.Fatal("give the module's new path: make rename MODULE=host/owner/genlab")
	}
	files, err := rename(".", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("rename: %d files changed; now make setup, which builds the command and the kernel anew\n", files)
}

// made are the folders of the checkout that hold nothing of its source.
var made = []string{"bin", "out", "runs", ".git", ".cache", ".venv"}

// rename changes the files below root and says how many it changed.
func rename(root, to string) (files int, err error) {
	if err := module.CheckPath(to); err != nil {
		return 0, fmt.Errorf("MODULE is %q: it must be a path that can be published, such as github.com/owner/genlab: %w", to, err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return 0, err
	}
	change := renamer(modfile.ModulePath(mod), to)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && filepath.Dir(path) == root && slices.Contains(made, d.Name()):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || bytes.IndexByte(text, 0) >= 0 { // pictures and tensors
			return err
		}
		renamed := change(text)
		if bytes.Equal(renamed, text) {
			return nil
		}
		files++
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(path, renamed, info.Mode())
	})
	return files, err
}

// renamer changes a text where it means the module and not the project or its command: before the path of a package or a pattern of
// packages, in go.mod's first line and in a replacement.
func renamer(from, to string) func(text []byte) []byte {
	from = regexp.QuoteMeta(from)
	packages := regexp.MustCompile(`(?m)(^|[^\w./-])` + from + `/(lib|cmd|bench|examples|tests|\.\.\.)`)
	module := regexp.MustCompile(`(\bmodule |-replace )` + from + `\b`)
	return func(text []byte) []byte {
		text = packages.ReplaceAll(text, []byte("${1}"+to+"/${2}"))
		return module.ReplaceAll(text, []byte("${1}"+to))
	}
}
