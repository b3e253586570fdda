// Package command has the DCGAN's verbs of the command line, and the measuring of its samples.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/dcgan"
	"genlab/lib/spec"
)

// Model is the DCGAN for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{dcgan.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {Group: "sample", New: newSample}, {Group: "measure", New: newMeasureDigits}},
})
