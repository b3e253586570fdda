// Package command has the PixelRNN's verbs of the command line.
package command

import (
	"genlab/lib/command"
	pixelcnn "genlab/lib/models/pixelcnn/command"
	"genlab/lib/models/pixelrnn"
	"genlab/lib/spec"
)

// Model is the PixelRNN for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{pixelrnn.Spec},
	Verbs: []command.Verb{
		{Group: "train", New: newTrain},
		{Group: "sample", New: pixelcnn.NewSample("pixelrnn", pixelrnn.Recipe().Run, open)},
	},
})

var open = pixelcnn.Opener(pixelrnn.Open)

func init() { pixelcnn.Measurable["pixelrnn"] = open }
