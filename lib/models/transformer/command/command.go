// Package command has the translator's verbs of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/data/translation"
	"genlab/lib/models/transformer"
	"genlab/lib/spec"
)

// Model is the translator for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{transformer.Spec},
	Verbs: []command.Verb{{Group: "train", New: newTrain}, {New: newTranslate}, {Group: "measure", New: newMeasure}},
})

// The data's special tokens are the model's: neither room may import the other, so that the compiler compares them here.
var _ = map[bool]struct{}{false: {}, translation.Pad == transformer.Pad && translation.Begin == transformer.Begin &&
	translation.End == transformer.End && translation.Unknown == transformer.Unknown: {}}
