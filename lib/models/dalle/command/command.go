// Package command has DALL-E's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/dalle"
	"genlab/lib/spec"
)

// Model is DALL-E for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{dalle.Spec, dalle.DVAESpec, dalle.VQVAESpec},
	Verbs: []command.Verb{
		{Group: "train", New: newTrainDVAE},
		{Group: "train", New: newTrain},
		{New: newDraw},
		{Group: "measure", New: newMeasure},
	},
})
