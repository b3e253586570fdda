// Package command has the anomaly detector's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/anomaly"
	"genlab/lib/spec"
)

// Model is the detector for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{anomaly.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {New: newWatch}, {Group: "measure", New: newMeasure}},
})
