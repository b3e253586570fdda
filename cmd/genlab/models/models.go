// Package models lists the models for the command, the bench and the tests.
package models

import (
	"github.com/spf13/cobra"

	"genlab/lib/command"
	arima "genlab/lib/models/arima/command"
	classifier "genlab/lib/models/classifier/command"
	dcgan "genlab/lib/models/dcgan/command"
	gan "genlab/lib/models/gan/command"
	gpt "genlab/lib/models/gpt/command"
	rnn "genlab/lib/models/rnn/command"
	transformer "genlab/lib/models/transformer/command"
	vae "genlab/lib/models/vae/command"
	"genlab/lib/spec"
)

// All are the models, in the article's order. A new one is one line here.
var All = []command.Model{
	gan.Model,
	dcgan.Model,
	vae.Model,
	arima.Model,
	rnn.Model,
	transformer.Model,
	gpt.Model,
	classifier.Model,
}

// Specs are the declarations of all.
func Specs() []*spec.Model {
	var list []*spec.Model
	for _, m := range All {
		list = append(list, m.Specs...)
	}
	return list
}

// Workloads are what all are timed by.
func Workloads() []*spec.Workload {
	var list []*spec.Workload
	for _, m := range Specs() {
		list = append(list, m.Workloads...)
	}
	return list
}

// Verbs makes the subcommands of a group; "" is genlab's own.
func Verbs(group string) []*cobra.Command {
	var list []*cobra.Command
	for _, m := range All {
		for _, v := range m.Verbs {
			if v.Group == group {
				list = append(list, v.New())
			}
		}
	}
	return list
}

// NewGroup makes a command with the models' verbs below it.
func NewGroup(group, use, short, more string) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: short + ".\n" + more}
	cmd.AddCommand(Verbs(group)...)
	return cmd
}
