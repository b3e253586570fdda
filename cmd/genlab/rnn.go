package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/data/text"
	"genlab/lib/models/rnn"
)

func newTrainRNNCmd() *cobra.Command {
	p := rnn.DefaultProgram()
	cmd := &cobra.Command{
		Use:     "rnn",
		Short:   "Run the article's program for the recurrent network, on random data",
		Example: "  genlab train rnn --epochs 10",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.Run(cmd.Context(), func(epoch int, loss float64) { cmd.Printf("Epoch %d, Loss: %v\n", epoch, float32(loss)) })
		},
	}
	f := cmd.Flags()
	f.IntVar(&p.Epochs, "epochs", p.Epochs, "epochs")
	f.Float64Var(&p.Rate, "rate", p.Rate, "Adam's learning rate")
	f.Uint64Var(&p.Seed, "seed", p.Seed, "seed of weights and data")
	return cmd
}

func newTrainLSTMCmd() *cobra.Command {
	cfg := rnn.TrainConfig{Model: rnn.Default(), Rate: 2e-3, Clip: 5, Seed: 1}
	var file string
	var batch, length int
	cmd := &cobra.Command{
		Use:   "lstm",
		Short: "Train a language model of characters on a text",
		Long: `Train a language model of characters on a text file: by default Newton's Opticks, which comes with Go. The first nine
tenths of the text train it, the rest measures it. An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train lstm                                  # 10 epochs on the Opticks in runs/lstm
  genlab train lstm --data war-and-peace.txt --layers 3 --hidden 512 --run runs/tolstoy
  genlab train lstm --cell gru --run runs/gru`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				var err error
				if file, err = text.Opticks(cmd.Context()); err != nil {
					return err
				}
			}
			corpus, err := text.Load(file, 0.9)
			if err != nil {
				return err
			}
			sayRepeated(cmd, corpus.Repeated)
			cfg.Model.Vocab = corpus.Vocab.String()
			lanes, err := text.NewLanes(corpus.Train, text.BatchConfig{Size: batch, Length: length})
			if err != nil {
				return err
			}
			if cfg.Validation, err = text.NewLanes(corpus.Validation, text.BatchConfig{Size: batch, Length: length}); err != nil {
				return err
			}
			cfg.AfterEpoch = func(ctx context.Context, m *rnn.Model, epoch int, samples string) error {
				sample, err := m.Sample(ctx, rnn.SampleConfig{Length: 512, Temperature: 0.8, Seed: cfg.Seed})
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(samples, fmt.Sprintf("epoch-%03d.txt", epoch)), []byte(sample+"\n"), 0o644)
			}
			if _, err := rnn.Train(cmd.Context(), cfg, lanes); err != nil {
				return err
			}
			return reportRun(cmd, cfg.Options, "validation_loss", "nats a character of the validation text",
				fmt.Sprintf("genlab sample lstm --run %s", quote(cfg.Run)))
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "data", "", "text file, UTF-8 (default Newton's Opticks, which comes with Go)")
	f.StringVar(&cfg.Model.Cell, "cell", cfg.Model.Cell, "lstm, gru, rnn or relu")
	f.IntVar(&cfg.Model.Embed, "embed", cfg.Model.Embed, "width of a character's vector")
	f.IntVar(&cfg.Model.Hidden, "hidden", cfg.Model.Hidden, "width of a layer")
	f.IntVar(&cfg.Model.Layers, "layers", cfg.Model.Layers, "recurrent layers")
	f.Float64Var(&cfg.Model.Dropout, "dropout", cfg.Model.Dropout, "dropout between layers")
	f.Float64Var(&cfg.Rate, "rate", cfg.Rate, "Adam's learning rate")
	f.Float64Var(&cfg.Clip, "clip", cfg.Clip, "largest norm of the gradient; negative: none")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of weights and dropout")
	f.StringVar(&cfg.Start, "start", "", "the first weights: a PyTorch state_dict, .safetensors or .pt (default fresh ones)")
	f.IntVar(&batch, "batch", 32, "places of the text read side by side")
	f.IntVar(&length, "length", 64, "characters that a step reads at each place, and goes back through")
	trainFlags(f, &cfg.Options, "runs/lstm", 10)
	return cmd
}

func newSampleLSTMCmd() *cobra.Command {
	var run string
	cfg := rnn.SampleConfig{Length: 1000, Temperature: 0.8, Seed: 1}
	cmd := &cobra.Command{
		Use:   "lstm",
		Short: "Write text with a trained language model; it shows as it comes",
		Example: `  genlab sample lstm --prompt "The Light of the Sun"
  genlab sample lstm --temperature 1 --top-p 0.9 --length 5000 --seed 7`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := rnn.Open(run)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			cfg.Stream = func(piece string) error {
				_, err := fmt.Fprint(out, piece)
				return err
			}
			if _, err := fmt.Fprint(out, cfg.Prompt); err != nil {
				return err
			}
			if _, err := m.Sample(cmd.Context(), cfg); err != nil {
				return err
			}
			_, err = fmt.Fprintln(out)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", "runs/lstm", "the run's directory")
	f.StringVar(&cfg.Prompt, "prompt", "", "text to go on from")
	f.IntVarP(&cfg.Length, "length", "n", cfg.Length, "characters to write")
	f.Float64Var(&cfg.Temperature, "temperature", cfg.Temperature, "0 takes the likeliest; higher is bolder")
	f.IntVar(&cfg.TopK, "top-k", 0, "draw from the so many likeliest characters; 0 is all")
	f.Float64Var(&cfg.TopP, "top-p", 0, "draw from the likeliest that together have this probability; 0 is all")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "the same seed gives the same text")
	return cmd
}
