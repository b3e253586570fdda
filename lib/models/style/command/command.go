// Package command has the style models' verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/style"
	"genlab/lib/spec"
)

// Model is the style models for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{style.Spec, style.ArbitrarySpec},
	Verbs: []command.Verb{{Group: "", New: newStyle}, {Group: "train", New: newTrain}, {Group: "train", New: newTrainAdaIN}},
})
