// Package command has StyleGAN's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/stylegan"
	"genlab/lib/spec"
)

// Model is StyleGAN for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{stylegan.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {Group: "sample", New: newSample}, {Group: "measure", New: newMeasure}},
})
