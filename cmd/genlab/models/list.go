package models

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"genlab/lib/spec"
)

// NewList makes `genlab models`.
func NewList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the models: name, section of the article, what each needs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return list(cmd)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MODEL\tARTICLE'S SECTION\tNEEDS")
			for _, m := range Specs() {
				if m.Needs != "" {
					fmt.Fprintf(w, "%s\t%s\t%s\n", m.ID, m.Section, m.Needs)
				}
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "all that programs need to know of them, figures too, as JSON")
	return cmd
}

// list prints what python/figures.py reads.
func list(cmd *cobra.Command) error {
	type entry struct {
		ID      string        `json:"id"`
		Section string        `json:"section"`
		Needs   string        `json:"needs"`
		Nets    []string      `json:"nets"`
		Step    bool          `json:"step"`
		Figures []spec.Figure `json:"figures"`
	}
	all := []entry{}
	for _, m := range Specs() {
		e := entry{m.ID, m.Section, m.Needs, []string{}, m.Step != nil, append([]spec.Figure{}, m.Figures...)}
		for _, n := range m.Nets {
			e.Nets = append(e.Nets, n.ID)
		}
		all = append(all, e)
	}
	return json.NewEncoder(cmd.OutOrStdout()).Encode(all)
}
