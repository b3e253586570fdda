// Package command has the GPT's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/gpt"
	"genlab/lib/spec"
)

// Model is the GPT for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{gpt.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {Group: "sample", New: newSample}, {Group: "chat", New: newChat}, {Group: "measure", New: newWatermark}, {Group: "measure", New: newScale}},
})
