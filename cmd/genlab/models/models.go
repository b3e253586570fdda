// Package models lists the models for the command, the bench and the tests.
package models

import (
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/spec"

	// The models: a new one is one line here.
	_ "genlab/lib/models/anomaly/command"
	_ "genlab/lib/models/arima/command"
	_ "genlab/lib/models/bert/command"
	_ "genlab/lib/models/classifier/command"
	_ "genlab/lib/models/clip/command"
	_ "genlab/lib/models/cyclegan/command"
	_ "genlab/lib/models/dalle/command"
	_ "genlab/lib/models/dcgan/command"
	_ "genlab/lib/models/gan/command"
	_ "genlab/lib/models/gpt/command"
	_ "genlab/lib/models/pixelcnn/command"
	_ "genlab/lib/models/pixelrnn/command"
	_ "genlab/lib/models/rnn/command"
	_ "genlab/lib/models/style/command"
	_ "genlab/lib/models/stylegan/command"
	_ "genlab/lib/models/transformer/command"
	_ "genlab/lib/models/vae/command"
	_ "genlab/lib/models/vit/command"
	_ "genlab/lib/models/wavenet/command"
)

// Specs are the declarations of all.
func Specs() []*spec.Model {
	var list []*spec.Model
	for _, m := range command.All() {
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
	for _, m := range command.All() {
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
