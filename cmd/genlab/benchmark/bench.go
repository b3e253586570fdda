// Package benchmark is `genlab bench`.
package benchmark

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"genlab/bench"
	"genlab/cmd/genlab/models"
	"genlab/lib/spec"
)

// New makes the command.
func New() *cobra.Command {
	var sizes map[string]int
	var rounds int
	var serve string
	var asJSON bool
	var against comparing
	cmd := &cobra.Command{
		Use:   "bench [NAME ...]",
		Short: "Time a workload on this machine; without a name, list the workloads",
		Long: `Time a workload on this machine: the first step, which compiles or loads what was compiled before, and the median of rounds of about a second.
"make bench BENCH=NAME" times it beside PyTorch and JAX; docs/performance.md has the results.

With --against, a Git revision or the folder of another checkout, workloads are timed in the program of that and of this checkout, in alternating
rounds. The command fails where the median of a workload's ratios is above what --loss allows.`,
		Example: `  genlab bench                           # the workloads and their sizes
  genlab bench vae
  genlab bench vae --set batch=512,hidden=1024
  genlab bench vae gpt --against main    # what changed since`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if against.with != "" {
				if !cmd.Flags().Changed("rounds") {
					rounds = 9
				}
				return against.run(cmd, args, sizes, rounds, asJSON)
			}
			if len(args) > 1 {
				return fmt.Errorf("%d workloads without --against: it must be one", len(args))
			}
			if len(args) == 0 && asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(workloads())
			}
			if len(args) == 0 {
				return listWorkloads(cmd)
			}
			w, err := find(args[0])
			if err != nil {
				return err
			}
			if w, err = w.WithSizes(sizes); err != nil {
				return err
			}
			if rounds < 1 {
				return errors.New("--rounds must be at least 1")
			}
			if serve != "" {
				return bench.Serve(cmd.Context(), w, serve, rounds, cmd.InOrStdin(), cmd.OutOrStdout())
			}
			return timeAlone(cmd, w, rounds)
		},
	}
	f := cmd.Flags()
	f.StringToIntVar(&sizes, "set", nil, "sizes to change, NAME=NUMBER,…")
	f.IntVar(&rounds, "rounds", 5, "rounds to time")
	f.StringVar(&serve, "serve", "", "be the worker that bench/run.py talks to; the folder to write the case to")
	f.BoolVar(&asJSON, "json", false, "without a name, or with --against: answer in JSON")
	f.StringVar(&against.with, "against", "", "compare with a Git revision, or the folder of another checkout")
	f.Float64Var(&against.loss, "loss", 0.05, "with --against: how much longer a step may take, as a share")
	_ = f.MarkHidden("serve") // fails only for a flag that isn't there
	return cmd
}

// workloads are those of the models, then those of no model.
func workloads() []*spec.Workload { return append(models.Workloads(), bench.Own()...) }

// find gives the workload of a name.
func find(name string) (*spec.Workload, error) {
	var names []string
	for _, w := range workloads() {
		if w.Name == name {
			return w, nil
		}
		names = append(names, w.Name)
	}
	return nil, fmt.Errorf("workload %q: it must be one of %s", name, strings.Join(names, ", "))
}

func listWorkloads(cmd *cobra.Command) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, work := range workloads() {
		fmt.Fprintf(w, "%s\t%s\t%v\n", work.Name, work.About, map[string]int(work.Sizes))
	}
	return w.Flush()
}

// timeAlone times a workload by itself.
func timeAlone(cmd *cobra.Command, w *spec.Workload, rounds int) error {
	side, err := w.Ready()
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	first, err := bench.Time(ctx, side, 1)
	if err != nil {
		return err
	}
	once, err := bench.Time(ctx, side, 1)
	if err != nil {
		return err
	}
	n := max(1, int(1/once))
	times := make([]float64, rounds)
	for i := range times {
		seconds, err := bench.Time(ctx, side, n)
		if err != nil {
			return err
		}
		times[i] = seconds / float64(n)
	}
	slices.Sort(times)
	cmd.Printf("%s: %.3g ms a step (%.3g to %.3g in %d rounds of %d), first step %.2f s\n",
		w.Name, 1e3*times[rounds/2], 1e3*times[0], 1e3*times[rounds-1], rounds, n, first)
	return nil
}
