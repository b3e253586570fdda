// Package command holds what the models' verbs of the command line share: how a model joins the command, flags that come from its
// configs, what a training says at its end.
package command

import (
	"slices"
	"strings"

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

var all []Model

// Register makes a model known to the command, and gives it back. A model's command package calls it when it is imported, which
// cmd/genlab/models does.
func Register(m Model) Model {
	all = append(all, m)
	return m
}

// All are the registered models, in the article's order: that of their notebooks, then those without one by name.
func All() []Model {
	list := slices.Clone(all)
	place := func(m Model) string {
		for _, s := range m.Specs {
			if len(s.Notebooks) > 0 {
				return s.Notebooks[0]
			}
		}
		return "~" + m.Specs[0].ID
	}
	slices.SortStableFunc(list, func(a, b Model) int { return strings.Compare(place(a), place(b)) })
	return list
}
