// Package command has the verbs of the command line of the networks that draw pixel by pixel: the PixelCNN's, and what the PixelRNN's share
// with them.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/pixelcnn"
	"genlab/lib/spec"
)

// Model is the PixelCNN for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{pixelcnn.Spec, pixelcnn.GatedSpec},
	Verbs: []command.Verb{
		{Group: "train", New: newTrain},
		{Group: "sample", New: NewSample("pixelcnn", pixelcnn.Recipe().Run, open)},
		{Group: "measure", New: newMeasure},
	},
})
