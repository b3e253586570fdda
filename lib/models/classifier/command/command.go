// Package command has the classifier's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/classifier"
	"genlab/lib/spec"
)

// Model is the classifier for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{classifier.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}},
})
