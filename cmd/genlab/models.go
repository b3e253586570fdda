package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// modelTable lists the models of lib/models; README.md shows the same rows.
var modelTable = []struct{ id, section, needs string }{
	{"vae", "Variational autoencoder", "MNIST, which comes with the module"},
	{"dcgan", "Generative adversarial network: DCGAN and its loop", "MNIST, or a folder of pictures"},
	{"arima", "Autoregression: AR and ARIMA (genlab forecast)", "a CSV file, or a series that comes with genlab"},
	{"rnn", "Recurrent networks: the article's program", "nothing: its data is random"},
	{"lstm", "Recurrent networks: text, character by character", "a text; by default the Opticks, which comes with Go"},
	{"translator", "Transformer: encoder, decoder, translation", "nothing: its pairs are made, or a file of pairs"},
	{"gpt", "GPT: text generation", "a text; by default the Opticks, which comes with Go"},
	{"classifier", "none: what measures the samples of others", "MNIST, which comes with the module"},
}

func newModelsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "models",
		Short: "List the models: name, section of the article, what each needs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MODEL\tARTICLE'S SECTION\tNEEDS")
			for _, m := range modelTable {
				fmt.Fprintf(w, "%s\t%s\t%s\n", m.id, m.section, m.needs)
			}
			return w.Flush()
		},
	}
}
