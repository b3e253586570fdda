package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"genlab/cmd/genlab/augment"
	"genlab/cmd/genlab/benchmark"
	"genlab/cmd/genlab/create"
	"genlab/cmd/genlab/data"
	"genlab/cmd/genlab/doctor"
	"genlab/cmd/genlab/exchange"
	"genlab/cmd/genlab/kernel"
	"genlab/cmd/genlab/models"
	"genlab/lib/command"
	"genlab/lib/train"
)

// version is genlab's own; CHANGELOG.md tells what is in it.
const version = "0.1.0-dev"

// The exit codes, for scripts.
const (
	exitOK          = 0
	exitFailed      = 1   // what was asked could not be done; for doctor: something needed is wrong
	exitUsage       = 2   // the command line makes no sense
	exitInterrupted = 130 // Ctrl-C or SIGTERM; what was running is saved
)

// commands makes all subcommands, in the order of the help: genlab's own, and the models' verbs (models.All).
func commands() []*cobra.Command {
	return slices.Concat([]*cobra.Command{
		models.NewList(),
		doctor.NewSetup(),
		doctor.New(version),
		kernel.New(),
		create.New(),
		data.New(),
		models.NewGroup("train", "train MODEL", "Train a model in a run directory, or resume an unfinished run",
			"Ctrl-C saves and stops; the same command resumes."),
		models.NewGroup("sample", "sample MODEL", "Draw samples from a trained model", ""),
		models.NewGroup("classify", "classify MODEL", "Tell what a trained model sees", ""),
		models.NewGroup("chat", "chat MODEL", "Talk with a model that was trained on conversations", ""),
		models.NewGroup("measure", "measure WHAT", "Measure what a model made", ""),
		augment.New(),
	}, models.Verbs(""), []*cobra.Command{
		exchange.NewDescribe(),
		exchange.NewForward(),
		exchange.NewStep(),
		exchange.NewConvert(),
		benchmark.New(),
	})
}

// newRootCmd makes the whole command; *started becomes true when a subcommand's arguments were understood.
func newRootCmd(started *bool) *cobra.Command {
	root := &cobra.Command{
		Use:   "genlab",
		Short: "Generative models in Go: train them, sample from them, look inside",
		Example: `  genlab models                                      what there is
  genlab train vae --epochs 10 --run runs/vae        train
  genlab sample vae --run runs/vae                   sample from what was trained
  genlab forecast nile --order 0,1,1                 continue a series
  genlab doctor                                      what is installed, and what is wrong`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			// cobra looks at these after this function, when the mistake would no longer count as the user's.
			if err := errors.Join(cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups()); err != nil {
				return err
			}
			*started = true
			return nil
		},
	}
	root.AddCommand(commands()...)
	for _, group := range root.Commands() {
		if group.HasSubCommands() { // else cobra shows the help at a name that it doesn't know, and all seems well
			group.Args = cobra.NoArgs
			group.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	return root
}

// run executes the command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	stdout, stderr = command.PlainWriter(stdout), command.PlainWriter(stderr)
	var started bool
	root := newRootCmd(&started)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, train.ErrInterrupted):
		fmt.Fprintf(stderr, "genlab: %v\n", err)
		return exitInterrupted
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "genlab: interrupted")
		return exitInterrupted
	case !started:
		fmt.Fprintf(stderr, "genlab: %v\nsee: %s --help\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(stderr, "genlab: %v\n", err)
	return exitFailed
}
