// Package command has the GAN of points for the command line. It has no verbs of its own: it is trained in a notebook.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/gan"
	"genlab/lib/spec"
)

// Model is the GAN for the command.
var Model = command.Register(command.Model{Specs: []*spec.Model{gan.Spec}})
