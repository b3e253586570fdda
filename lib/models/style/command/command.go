// Package command has the style models' verbs of the command line.
package command

import (
	"path/filepath"

	"genlab/lib/command"
	"genlab/lib/data/fetch"
	"genlab/lib/models/style"
	"genlab/lib/spec"
)

// Model is the style models for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{style.Spec},
	Verbs: []command.Verb{{Group: "", New: newStyle}},
})

// vggFile is a given file of a VGG's weights, or the one that `genlab data vgg16` fetched.
func vggFile(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	folder, err := fetch.Folder("vgg16")
	return filepath.Join(folder, "vgg16.weights.h5"), err
}
