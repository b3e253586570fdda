// Package command has the variational autoencoder's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/vae"
	"genlab/lib/spec"
)

// Model is the autoencoder for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{vae.Spec, vae.ConvSpec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {Group: "sample", New: newSample}, {Group: "measure", New: newFeatures}},
})
