// Package command has the Vision Transformer's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/vit"
	"genlab/lib/spec"
)

// Model is the Vision Transformer for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{vit.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {Group: "classify", New: newClassify}},
})
