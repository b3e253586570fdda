// Package command has CycleGAN's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/cyclegan"
	"genlab/lib/spec"
)

// Model is CycleGAN for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{cyclegan.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {Group: "sample", New: newSample}},
})
