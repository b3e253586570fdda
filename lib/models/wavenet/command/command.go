// Package command has WaveNet's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/wavenet"
	"genlab/lib/spec"
)

// Model is WaveNet for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{wavenet.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {Group: "sample", New: newSample}},
})
