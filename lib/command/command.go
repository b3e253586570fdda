// Package command holds what the models' verbs of the command line share: how a model joins the command, flags that come from its
// configs, what a training says at its end.
package command

import (
	"github.com/spf13/cobra"

	"genlab/lib/spec"
)

// Model is a model, or the models of one folder, as the command knows them.
type Model struct {
	Specs []*spec.Model
	Verbs []Verb
}

// Verb is a subcommand of a model.
type Verb struct {
	// Group is the command that it belongs to, such as "train"; "" makes it one of genlab's own.
	Group string
	New   func() *cobra.Command
}
