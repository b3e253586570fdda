package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/data/mnist"
	"genlab/lib/models/vae"
	"genlab/lib/viz"
)

func newTrainVAECmd() *cobra.Command {
	cfg := vae.TrainConfig{Model: vae.Default(), Rate: 1e-3, Seed: 1}
	var batch int
	var data string
	cmd := &cobra.Command{
		Use:   "vae",
		Short: "Train the article's variational autoencoder on MNIST",
		Long: `Train the article's variational autoencoder on MNIST: on the real one, which comes with genlab, or on a folder of IDX files.
An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train vae                                   # 10 epochs in runs/vae
  genlab train vae --latent 2 --run runs/vae-2d      # a latent space that can be drawn
  genlab train vae --data ~/fashion-mnist --epochs 20 --run runs/fashion`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			digits, err := mnist.Load(mnist.Config{Dir: data})
			if err != nil {
				return err
			}
			batches, err := digits.Train.Batches(mnist.BatchConfig{Size: batch, Seed: cfg.Seed, Shuffle: true, DropLast: true})
			if err != nil {
				return err
			}
			if cfg.Test, err = digits.Test.Batches(mnist.BatchConfig{Size: 500}); err != nil {
				return err
			}
			cfg.Model.InputDim = digits.Train.Rows * digits.Train.Cols
			cfg.AfterEpoch = func(ctx context.Context, m *vae.Model, epoch int, samples string) error {
				pixels, err := m.Sample(ctx, 64, cfg.Seed)
				if err != nil {
					return err
				}
				picture := viz.Grid(viz.Images{Pixels: pixels, Height: digits.Train.Rows, Width: digits.Train.Cols}, 8)
				return viz.Save(filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)), picture)
			}
			if _, err := vae.Train(cmd.Context(), cfg, batches); err != nil {
				return err
			}
			return reportRun(cmd, cfg.Options, "test_loss", "nats a test image",
				fmt.Sprintf("genlab sample vae --run %s", quote(cfg.Run)))
		},
	}
	f := cmd.Flags()
	f.IntVar(&cfg.Model.HiddenDim, "hidden", cfg.Model.HiddenDim, "width of the hidden layers")
	f.IntVar(&cfg.Model.LatentDim, "latent", cfg.Model.LatentDim, "dimensions of the latent space")
	f.Float64Var(&cfg.Rate, "rate", cfg.Rate, "Adam's learning rate")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of weights, order and noise")
	f.StringVar(&cfg.Start, "start", "", "the first weights: a PyTorch state_dict, .safetensors or .pt (default fresh ones)")
	f.IntVar(&batch, "batch", 128, "images a step")
	f.StringVar(&data, "data", "", "folder of IDX files, gzipped or not (default the MNIST that comes with genlab)")
	trainFlags(f, &cfg.Options, "runs/vae", 10)
	return cmd
}

func newSampleVAECmd() *cobra.Command {
	var run, out string
	var n int
	var seed uint64
	cmd := &cobra.Command{
		Use:     "vae",
		Short:   "Draw samples from a trained VAE",
		Example: "  genlab sample vae --run runs/vae -n 64 --out digits.png",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := vae.Open(run)
			if err != nil {
				return err
			}
			pixels, err := m.Sample(cmd.Context(), n, seed)
			if err != nil {
				return err
			}
			if err := viz.Save(out, viz.Grid(viz.Images{Pixels: pixels}, 8)); err != nil {
				return err
			}
			cmd.Printf("picture: %s\n", out)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", "runs/vae", "the run's directory")
	f.StringVar(&out, "out", "out/vae.png", "picture to write, a PNG")
	f.IntVarP(&n, "number", "n", 64, "how many")
	f.Uint64Var(&seed, "seed", 1, "the same seed gives the same samples")
	return cmd
}
