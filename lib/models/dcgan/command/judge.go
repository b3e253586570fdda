package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/metrics"
	"genlab/lib/models/classifier"
	"genlab/lib/models/dcgan"
	"genlab/lib/torch"
	"genlab/lib/train"
)

func newTrainClassifierCmd() *cobra.Command {
	cfg := classifier.TrainConfig{Model: classifier.Default(), Seed: 1}
	var batch int
	var data string
	cmd := &cobra.Command{
		Use:     "classifier",
		Short:   "Train a classifier of digits, by which samples are measured",
		Example: "  genlab train classifier                  # MNIST, a few minutes in runs/digits",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			digits, err := mnist.Load(mnist.Config{Dir: data})
			if err != nil {
				return err
			}
			batches := func(s *mnist.Split, c images.BatchConfig) (*images.Batches, error) {
				set, err := digitSet(s, cfg.Model.Size)
				if err != nil {
					return nil, err
				}
				c.Labels = true
				return set.Batches(c)
			}
			training, err := batches(digits.Train, images.BatchConfig{Size: batch, Seed: cfg.Seed, Shuffle: true, DropLast: true})
			if err != nil {
				return err
			}
			if cfg.Test, err = batches(digits.Test, images.BatchConfig{Size: 250}); err != nil {
				return err
			}
			if _, err := classifier.Train(cmd.Context(), cfg, training); err != nil {
				return err
			}
			return reportRun(cmd, cfg.Options, "accuracy", "of the test digits told right", fmt.Sprintf("genlab measure digits --classifier %s --run runs/dcgan", quote(cfg.Run)))
		},
	}
	f := cmd.Flags()
	f.Float64Var(&cfg.Rate, "rate", 2e-3, "Adam's learning rate at first")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of weights, order and dropout")
	f.IntVar(&batch, "batch", 128, "digits a step")
	f.StringVar(&data, "data", "", "folder of IDX files, gzipped or not (default the MNIST that comes with genlab)")
	trainFlags(f, &cfg.Options, "runs/digits", 6)
	return cmd
}

// digitJudge measures pictures of digits against the test set, by a classifier's features.
type digitJudge struct {
	classifier *classifier.Model
	size       int // of the pictures
	real       [][]float32
}

// newDigitJudge sees the test digits as a model sees them: made larger to its size, then small again.
func newDigitJudge(ctx context.Context, run string, size int) (*digitJudge, error) {
	c, err := classifier.Open(run)
	if err != nil {
		return nil, err
	}
	digits, err := mnist.Load(mnist.Config{})
	if err != nil {
		return nil, err
	}
	set, err := digitSet(digits.Test, size)
	if err != nil {
		return nil, err
	}
	pictures, err := set.Floats(0, set.Len())
	if err != nil {
		return nil, err
	}
	j := &digitJudge{classifier: c, size: size}
	j.real, _, err = j.look(ctx, pictures)
	return j, err
}

// look makes pictures as small as the classifier takes them, and gives their features and classes.
func (j *digitJudge) look(ctx context.Context, pictures [][]float32) ([][]float32, []int, error) {
	to := j.classifier.Config.Size
	small := make([][]float32, len(pictures))
	src, dst := make([]byte, j.size*j.size), make([]byte, to*to)
	for i, p := range pictures {
		if len(p) != len(src) {
			return nil, nil, fmt.Errorf("picture %d has %d values, want %d: grey, %d high and wide", i, len(p), len(src), j.size)
		}
		for k, v := range p {
			src[k] = byte(255*min(max(v, 0), 1) + 0.5)
		}
		images.Resize(dst, to, to, src, j.size, j.size, 1)
		small[i] = make([]float32, len(dst))
		for k, v := range dst {
			small[i][k] = float32(v) / 255
		}
	}
	return j.classifier.Features(ctx, small)
}

// metrics measures pictures. entropy and missing are of the classes that the classifier sees in the first 1000.
func (j *digitJudge) metrics(ctx context.Context, made [][]float32) ([]train.Metric, error) {
	features, classes, err := j.look(ctx, made)
	if err != nil {
		return nil, err
	}
	distance, err := metrics.Frechet(j.real, features)
	if err != nil {
		return nil, err
	}
	precision, recall, err := metrics.PrecisionRecall(j.real[:min(2000, len(j.real))], features, 3)
	if err != nil {
		return nil, err
	}
	counts, err := metrics.ClassCounts(classes[:min(1000, len(classes))], j.classifier.Config.Classes)
	if err != nil {
		return nil, err
	}
	missing := 0
	for _, c := range counts {
		if c == 0 {
			missing++
		}
	}
	return []train.Metric{
		{Name: "frechet", Value: distance},
		{Name: "precision", Value: precision},
		{Name: "recall", Value: recall},
		{Name: "entropy", Value: metrics.Entropy(counts)},
		{Name: "missing", Value: float64(missing)},
	}, nil
}

func newMeasureCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "measure WHAT", Short: "Measure what a model made"}
	cmd.AddCommand(newMeasureDigitsCmd())
	return cmd
}

func newMeasureDigitsCmd() *cobra.Command {
	var run, judge, file string
	var n int
	var seed uint64
	cmd := &cobra.Command{
		Use:   "digits",
		Short: "Measure digits by the features of a classifier: a GAN's, or any in a file",
		Long: `Measure digits by the features of a classifier: a GAN's, or any in a file.
frechet is the Fréchet distance to the 10,000 test digits, 0 is best; precision and recall are of three neighbours among 2,000;
entropy, in nats, and missing digits are those of the first 1,000 samples.`,
		Example: `  genlab measure digits --run runs/dcgan
  genlab measure digits --pictures samples.safetensors   # tensor "images": [n, size, size, 1] in [0, 1]`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			pictures, size, err := digitsToMeasure(ctx, run, file, n, seed)
			if err != nil {
				return err
			}
			j, err := newDigitJudge(ctx, judge, size)
			if err != nil {
				return err
			}
			measured, err := j.metrics(ctx, pictures)
			if err != nil {
				return err
			}
			for _, m := range measured {
				cmd.Printf("%-9s %.4g\n", m.Name, m.Value)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", "runs/dcgan", "run of the GAN")
	f.StringVar(&file, "pictures", "", "measure the pictures of this file instead, safetensors")
	f.StringVar(&judge, "classifier", "runs/digits", "run of the classifier (genlab train classifier)")
	f.IntVarP(&n, "number", "n", 2000, "how many samples of the GAN")
	f.Uint64Var(&seed, "seed", 1, "of the samples")
	return cmd
}

// digitsToMeasure gives grey square pictures and their size.
func digitsToMeasure(ctx context.Context, run, file string, n int, seed uint64) ([][]float32, int, error) {
	if file == "" {
		m, err := dcgan.Open(run)
		if err != nil {
			return nil, 0, err
		}
		pictures, err := m.Sample(ctx, n, seed)
		return pictures, m.Config.ImageSize, err
	}
	state, err := torch.Read(file)
	if err != nil {
		return nil, 0, err
	}
	t, ok := state.Get("images")
	if !ok || len(t.Shape) != 4 || t.Shape[1] != t.Shape[2] || t.Shape[3] != 1 {
		return nil, 0, fmt.Errorf("%s: want a tensor images [n, size, size, 1], have %v", file, state.Names())
	}
	flat, err := t.Float32s()
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	d := t.Shape[1] * t.Shape[2]
	pictures := make([][]float32, t.Shape[0])
	for i := range pictures {
		pictures[i] = flat[i*d : (i+1)*d]
	}
	return pictures, t.Shape[1], nil
}
