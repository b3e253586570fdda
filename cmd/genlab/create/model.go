// Package create is `genlab new`: it lays out what is new in the checkout.
package create

import (
	"embed"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"genlab/lib/backend"
)

// newModelFiles are a model's room as `genlab new model` lays it out; NAME stands for the package's name.
//
//go:embed model
var newModelFiles embed.FS

// New makes the command.
func New() *cobra.Command {
	cmd := &cobra.Command{Use: "new", Short: "Lay out something new in the checkout"}
	cmd.AddCommand(&cobra.Command{
		Use:     "model NAME",
		Short:   "Lay out a model's room in lib/models/NAME, whose tests pass as made",
		Example: "  genlab new model diffusion && go test ./lib/models/diffusion",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			checkouts := backend.Checkouts()
			if len(checkouts) == 0 {
				return errors.New("no checkout of genlab around this folder: change into one")
			}
			dir := filepath.Join(checkouts[0], "lib", "models", args[0])
			if err := newModel(dir, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "new: %s; go test ./lib/models/%s, then fill it (CONTRIBUTING.md, \"Add a model\")\n", dir, args[0])
			return err
		},
	})
	return cmd
}

var modelName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// newModel writes the room of a model into dir, which must not be there yet.
func newModel(dir, name string) error {
	if !modelName.MatchString(name) || token.IsKeyword(name) {
		return fmt.Errorf("a model's name is a Go package's: small letters and digits, a letter first, no keyword; %q is not", name)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: choose another name, or remove it", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the model's room: %w", err)
	}
	return fs.WalkDir(newModelFiles, "model", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := newModelFiles.ReadFile(path)
		if err != nil {
			return err
		}
		file := strings.ReplaceAll(strings.TrimSuffix(d.Name(), ".tmpl"), "NAME", name)
		return renameio.WriteFile(filepath.Join(dir, file), []byte(strings.ReplaceAll(string(text), "NAME", name)), 0o644)
	})
}
