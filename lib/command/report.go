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
	cmd.Printf("run:  %s (config.json, metrics.jsonl, checkpoints, samples)\nnext: %s\n", o.Run, next)
	return nil
}

// Quote makes a path one word of a shell's command line.
func Quote(path string) string {
	if path == "" || strings.ContainsAny(path, " \t\n'\"$`\\&;()<>|*?[]{}#~!") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
