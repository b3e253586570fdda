package command

import (
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/train"
)

// Report ends a training's output: the figure reached, where its files lie, what to do next.
func Report(cmd *cobra.Command, o train.Options, metric, unit, next string) error {
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
	data, err := train.DataOf(o.Run)
	if err != nil {
		return err
	}
	if data != "" {
		cmd.Printf("data: %s\n", data)
	}
	cmd.Printf("run:  %s (config.json, metrics.jsonl, checkpoints, samples)\nnext: %s\n", o.Run, next)
	return nil
}

// WarnRepeated says when a text repeats itself so much that its held-out part is no new text: share is of its lines that stand in the
// training part too.
func WarnRepeated(cmd *cobra.Command, share float64) {
	if share > 0.2 {
		cmd.PrintErrf("%.0f%% of the held-out lines stand in the training part too: what is measured on them says little of new texts\n", 100*share)
	}
}

// Quote makes a path one word of a shell's command line.
func Quote(path string) string {
	if path == "" || strings.ContainsAny(path, " \t\n'\"$`\\&;()<>|*?[]{}#~!") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
