package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genlab/lib/train"
)

func newTrainCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train MODEL",
		Short: "Train a model in a run directory, or go on with an unfinished run",
		Long: `Train a model in a run directory, or go on with an unfinished run.
Ctrl-C saves and stops; the same command goes on.`,
	}
	cmd.AddCommand(newTrainVAECmd(), newTrainDCGANCmd(), newTrainClassifierCmd(), newTrainTranslatorCmd(), newTrainRNNCmd(), newTrainLSTMCmd(), newTrainGPTCmd())
	return cmd
}

func newSampleCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "sample MODEL", Short: "Draw samples from a trained model"}
	cmd.AddCommand(newSampleVAECmd(), newSampleDCGANCmd(), newSampleLSTMCmd(), newSampleGPTCmd())
	return cmd
}

// trainFlags are the flags that every training shares.
func trainFlags(f *pflag.FlagSet, o *train.Options, run string, epochs int) {
	f.StringVar(&o.Run, "run", run, "the run's directory")
	f.IntVar(&o.Epochs, "epochs", epochs, "epochs in all, counted from the run's beginning")
	f.IntVar(&o.Devices, "devices", 1, "devices that share each batch")
	f.BoolVar(&o.Profile, "profile", false, "write what the time goes into: the run's profile.json, a trace for Perfetto, and profile.txt, also by layer")
	f.DurationVar(&o.CheckpointEvery, "checkpoint-every", 0, "longest time between checkpoints (default 30s)")
}

// reportRun ends a training's output: the figure reached, where its files lie, what to do next.
func reportRun(cmd *cobra.Command, o train.Options, metric, unit, next string) error {
	records, err := train.ReadMetrics(o.Run)
	if err != nil {
		return err
	}
	if steps, values := train.Series(records, metric); len(values) > 0 {
		cmd.Printf("%.4f %s after %.0f steps\n", values[len(values)-1], unit, steps[len(steps)-1])
	}
	if o.Profile {
		summary, err := train.Profile(o.Run)
		if err != nil {
			return err
		}
		cmd.Printf("%s", summary)
	}
	cmd.Printf("run:  %s (config.json, metrics.jsonl, checkpoints, samples)\nnext: %s\n", o.Run, next)
	return nil
}
