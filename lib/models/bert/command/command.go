// Package command has BERT's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/bert"
	"genlab/lib/spec"
)

// Model is BERT for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{bert.Spec},
	Verbs: []command.Verb{
		{Group: "train", New: newTrain}, {New: newFill}, {New: newEmbed}, {New: newSearch}, {New: newAsk},
	},
})
