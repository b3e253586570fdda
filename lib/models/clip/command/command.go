// Package command has CLIP's verbs of the command line, where pictures, captions and model meet.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/clip"
	"genlab/lib/spec"
)

// Model is CLIP for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{clip.Spec},
	Verbs: []command.Verb{
		{Group: "train", New: newTrain},
		{New: newFind},
	},
})
