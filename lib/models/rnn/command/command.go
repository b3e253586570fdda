// Package command has the recurrent networks' verbs of the command line: the article's program and the language model of characters.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/rnn"
	"genlab/lib/spec"
)

// Model is the recurrent networks for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{rnn.ProgramSpec, rnn.Spec},
	Verbs: []command.Verb{{Group: "train", New: newProgram}, {Group: "train", New: newTrain}, {Group: "sample", New: newSample}},
})
