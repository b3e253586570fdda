// Package create is `genlab new`: it lays out what is new in the checkout.
package create

import (
	"bytes"
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

// newModelFiles are a model's folder as `genlab new model` lays it out; NAME stands for the package's name.
//
//go:embed model
var newModelFiles embed.FS

// New makes the command.
func New() *cobra.Command {
	cmd := &cobra.Command{Use: "new", Short: "Lay out something new in the checkout"}
	cmd.AddCommand(&cobra.Command{
		Use:     "model NAME",
		Short:   "Lay out a model in lib/models/NAME that works and whose tests pass, as made",
		Example: "  genlab new model diffusion && go test ./lib/models/diffusion/...",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			checkout, err := checkoutHere()
			if err != nil {
				return err
			}
			dir, err := newModel(checkout, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "new: %s, and a line in %s; go test ./lib/models/%s, then fill it (CONTRIBUTING.md, \"Add a model\")\n", dir, models, args[0])
			return err
		},
	})
	return cmd
}

// checkoutHere is genlab's source tree around the working folder. Another one that the command knows, such as that which it was built from,
// isn't meant by who stands elsewhere.
func checkoutHere() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return "", err
	}
	checkouts := backend.Checkouts()
	for _, c := range checkouts {
		if real, err := filepath.EvalSymlinks(c); err == nil && within(here, real) {
			return c, nil
		}
	}
	known := ""
	if len(checkouts) > 0 {
		known = fmt.Sprintf(", %s for one", checkouts[0])
	}
	return "", fmt.Errorf("%s lies in no checkout of genlab: a model joins the list of one (%s), so change into one%s; "+
		"a model in a module of your own needs no laying out: import genlab/lib/nn and genlab/lib/train, as examples/vae does", here, models, known)
}

// within says whether a folder is another or lies in it.
func within(dir, outer string) bool {
	rel, err := filepath.Rel(outer, dir)
	return err == nil && filepath.IsLocal(rel)
}

var modelName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// models is the list that a new model joins by one line.
const models = "cmd/genlab/models/models.go"

// newModel lays a model out in the checkout and makes it known to the command. It gives the model's folder, which must not be there yet.
func newModel(checkout, name string) (string, error) {
	if !modelName.MatchString(name) || token.IsKeyword(name) || name == "command" {
		return "", fmt.Errorf("a model's name is %q: it must be a Go package's, small letters and digits, a letter first, no keyword", name)
	}
	dir := filepath.Join(checkout, "lib", "models", name)
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is there already: choose another name, or remove it", dir)
	}
	list := filepath.Join(checkout, filepath.FromSlash(models))
	text, err := os.ReadFile(list)
	if err != nil {
		return "", fmt.Errorf("reading the list of models: %w", err)
	}
	joined, err := join(string(text), name)
	if err != nil {
		return "", err
	}
	if err := layOut(dir, name); err != nil {
		return "", fmt.Errorf("laying the model out: %w", err)
	}
	return dir, renameio.WriteFile(list, []byte(joined), 0o644)
}

// join adds the model's line to the list, where the alphabet has it.
func join(list, name string) (string, error) {
	line := fmt.Sprintf("\t_ \"genlab/lib/models/%s/command\"\n", name)
	at := -1
	place := 0
	for text := range strings.Lines(list) {
		if strings.HasPrefix(text, "\t_ \"") {
			if text < line {
				at = place + len(text)
			} else if at < 0 {
				at = place
			}
		}
		place += len(text)
	}
	if at < 0 {
		return "", fmt.Errorf("%s has no line such as %q: add the model's own by hand", models, strings.TrimSpace(line))
	}
	return list[:at] + line + list[at:], nil
}

// layOut writes the files of a model.
func layOut(dir, name string) error {
	return fs.WalkDir(newModelFiles, "model", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := newModelFiles.ReadFile(path)
		if err != nil {
			return err
		}
		if filepath.Ext(path) != ".safetensors" {
			text = bytes.ReplaceAll(text, []byte("NAME"), []byte(name))
		}
		file := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(path, "model/"), ".tmpl"), "NAME", name)
		to := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return renameio.WriteFile(to, text, 0o644)
	})
}
