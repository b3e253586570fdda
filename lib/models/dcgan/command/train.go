package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/dcgan"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
	"genlab/lib/viz"
)

// pictureFlags say which pictures to train on.
type pictureFlags struct {
	data, dir            string
	download, skipBroken bool
}

// open gives the set, and what closes it.
func (p pictureFlags) open(ctx context.Context, size int) (*images.Set, func() error, error) {
	nothing := func() error { return nil }
	dir := p.dir
	if dir == "" {
		dir = filepath.Join("data", p.data)
	}
	switch p.data {
	case "mnist":
		digits, err := mnist.Load(mnist.Config{Dir: p.dir})
		if err != nil {
			return nil, nil, err
		}
		set, err := digitSet(digits.Train, size)
		return set, nothing, err
	case "cifar10":
		if p.download {
			if err := images.DownloadCIFAR10(ctx, dir); err != nil {
				return nil, nil, err
			}
		}
		set, _, err := images.CIFAR10(dir, size)
		return set, nothing, err
	case "celeba":
		if p.download {
			if err := images.DownloadCelebA(ctx, dir); err != nil {
				return nil, nil, err
			}
		}
		set, closer, err := images.CelebA(images.CelebAConfig{Dir: dir, Size: size, Split: "train"})
		if err != nil {
			return nil, nil, err
		}
		return set, closer.Close, nil
	default:
		set, err := images.Folder(ctx, images.FolderConfig{Dir: p.data, Size: size, SkipBroken: p.skipBroken})
		if err == nil {
			for _, b := range set.Broken {
				fmt.Fprintf(os.Stderr, "left out: %v\n", b)
			}
		}
		return set, nothing, err
	}
}

func digitSet(s *mnist.Split, size int) (*images.Set, error) {
	return images.FromBytes(s.Images, s.Rows, s.Cols, 1, s.Labels, images.Digits, size)
}

func newTrainDCGANCmd() *cobra.Command {
	cfg := dcgan.TrainConfig{Model: dcgan.Digits(), Seed: 1}
	var pictures pictureFlags
	var batch, keep int
	var flip, conditional bool
	var loss, norm, start, classifier string
	cmd := &cobra.Command{
		Use:   "dcgan",
		Short: "Train the article's generative adversarial network on pictures",
		Long: `Train the article's generative adversarial network: on MNIST, which comes with genlab, on CIFAR-10, on CelebA, or on any folder of
JPEG, PNG, GIF and WebP pictures. Prints the article's line every 50 batches. An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train dcgan                                              # MNIST, narrow and 32×32: a few minutes
  genlab train dcgan --data cifar10 --download --size 32 --conditional --run runs/cifar
  genlab train dcgan --data ~/photos --ngf 64 --ndf 64 --flip --run runs/photos
  genlab train dcgan --loss wgan-gp --norm layer --d-steps 5 --batch 320 --run runs/wgan`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			cfg.Loss, cfg.Model.Norm, cfg.Model.Init = nn.GANLoss(loss), dcgan.Norm(norm), dcgan.Init(start)
			if start == "pytorch" {
				cfg.Model.Init = dcgan.PyTorchInit
			}
			set, done, err := pictures.open(ctx, cfg.Model.ImageSize)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, done()) }()
			cfg.Model.NC = set.Channels
			if conditional {
				if len(set.Classes) < 2 {
					return fmt.Errorf("--conditional: the pictures have no classes: put each class's pictures into a folder of its own")
				}
				cfg.Model.Classes = len(set.Classes)
			}
			batches, err := set.Batches(images.BatchConfig{Size: batch, Seed: cfg.Seed, Shuffle: true, DropLast: true, Labels: conditional, Flip: flip})
			if err != nil {
				return err
			}
			if classifier != "" {
				judge, err := newDigitJudge(ctx, classifier, cfg.Model.ImageSize)
				if err != nil {
					return err
				}
				cfg.Evaluate = func(ctx context.Context, m *dcgan.Model) ([]train.Metric, error) {
					made, err := m.Sample(ctx, 2000, cfg.Seed)
					if err != nil {
						return nil, err
					}
					return judge.metrics(ctx, made)
				}
			}
			frames := filepath.Join(cfg.Run, "samples", "frames")
			cfg.Watch = func(train.Progress) {}
			lines := 0
			cfg.AfterLine = func(ctx context.Context, m *dcgan.Model, step int, line string) error {
				cmd.Println(line)
				if lines++; lines%2 == 0 {
					return nil
				}
				return saveSamples(ctx, m, filepath.Join(frames, fmt.Sprintf("step-%07d.png", step)), 25, 5)
			}
			cfg.AfterEpoch = func(ctx context.Context, m *dcgan.Model, epoch int, samples string) error {
				name := filepath.Join(samples, fmt.Sprintf("epoch-%03d", epoch))
				if err := saveSamples(ctx, m, name+".png", 64, 8); err != nil || keep == 0 {
					return err
				}
				return keepSamples(ctx, m, name+".safetensors", keep, cfg.Seed)
			}
			if _, err := dcgan.Train(ctx, cfg, batches); err != nil {
				return err
			}
			animation := filepath.Join(cfg.Run, "samples", "training.gif")
			if err := animate(frames, animation); err != nil {
				return err
			}
			cmd.Printf("animation: %s\n", animation)
			return reportRun(cmd, cfg.Options, "frechet", "of Fréchet distance", fmt.Sprintf("genlab sample dcgan --run %s", quote(cfg.Run)))
		},
	}
	f := cmd.Flags()
	f.StringVar(&pictures.data, "data", "mnist", "mnist, cifar10, celeba, or a folder of pictures; its sub-folders are classes")
	f.StringVar(&pictures.dir, "dir", "", "where the data set's files lie (default data/NAME; MNIST comes with genlab)")
	f.BoolVar(&pictures.download, "download", false, "fetch CIFAR-10 or CelebA from its authors first, where it isn't there")
	f.BoolVar(&pictures.skipBroken, "skip-broken", false, "leave out files of a folder that can't be read, and name them")
	f.IntVar(&cfg.Model.ImageSize, "size", cfg.Model.ImageSize, "height and width: 32, 64 or 128")
	f.IntVar(&cfg.Model.NZ, "nz", cfg.Model.NZ, "size of the noise")
	f.IntVar(&cfg.Model.NGF, "ngf", cfg.Model.NGF, "width of the generator; the article has 64")
	f.IntVar(&cfg.Model.NDF, "ndf", cfg.Model.NDF, "width of the discriminator; the article has 64")
	f.BoolVar(&conditional, "conditional", false, "make pictures of the class that is asked for")
	f.StringVar(&start, "init", string(cfg.Model.Init), `first weights: "dcgan" for the paper's N(0, 0.02), "pytorch" for its own`)
	f.StringVar(&norm, "norm", "", `the discriminator's normalisation: batch norm, "layer" or "none"`)
	f.BoolVar(&cfg.Model.SpectralNorm, "spectral-norm", false, "divide the discriminator's kernels by their largest singular values")
	f.StringVar(&loss, "loss", "", `the article's, "hinge" or "wgan-gp"`)
	f.Float64Var(&cfg.Smooth, "smooth", 0, "taken off the label of real pictures, such as 0.1")
	f.Float64Var(&cfg.EMA, "ema", 0, "sample from a running mean of the weights that keeps this much a step, such as 0.999")
	f.IntVar(&cfg.DSteps, "d-steps", 0, "steps of the discriminator for one of the generator (default 1)")
	f.Float64Var(&cfg.Rate, "rate", 2e-4, "both Adams' learning rate")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of weights, order and noise")
	f.IntVar(&batch, "batch", 64, "pictures an iteration, for all of the discriminator's steps together")
	f.BoolVar(&flip, "flip", false, "show half of the pictures in the mirror")
	f.StringVar(&classifier, "classifier", "", "run of a classifier of digits, to measure samples by after each epoch")
	f.IntVar(&keep, "keep", 0, "samples to write to a file after each epoch, for genlab measure or other programs")
	trainFlags(f, &cfg.Options, "runs/dcgan", 5)
	return cmd
}

// saveSamples draws n pictures from the same noise every time.
func saveSamples(ctx context.Context, m *dcgan.Model, path string, n, columns int) error {
	pixels, err := m.Sample(ctx, n, 1)
	if err != nil {
		return err
	}
	return viz.Save(path, viz.Grid(picturesOf(m.Config, pixels), columns))
}

// keepSamples writes n pictures as a tensor images [n, size, size, nc] with values in [0, 1].
func keepSamples(ctx context.Context, m *dcgan.Model, path string, n int, seed uint64) error {
	pixels, err := m.Sample(ctx, n, seed)
	if err != nil {
		return err
	}
	c := m.Config
	t, err := torch.FromGoMLX(tensors.FromFlatDataAndDimensions(slices.Concat(pixels...), n, c.ImageSize, c.ImageSize, c.NC))
	if err != nil {
		return err
	}
	state := &torch.StateDict{}
	state.Set("images", t)
	return torch.Write(path, state)
}

func picturesOf(c dcgan.Config, pixels [][]float32) viz.Images {
	return viz.Images{Pixels: pixels, Height: c.ImageSize, Width: c.ImageSize, Channels: c.NC}
}

// animate joins a folder's PNG files, in the order of their names.
func animate(folder, path string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var frames []image.Image
	for _, file := range files {
		name := filepath.Join(folder, file.Name())
		if filepath.Ext(name) != ".png" {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		frame, err := png.Decode(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("reading the frame %s: %w", name, err)
		}
		frames = append(frames, frame)
	}
	return viz.SaveGIF(path, frames, 200*time.Millisecond)
}

func newSampleDCGANCmd() *cobra.Command {
	var run, out string
	var n, class int
	var seed uint64
	cmd := &cobra.Command{
		Use:     "dcgan",
		Short:   "Draw samples from a trained GAN",
		Example: "  genlab sample dcgan --run runs/dcgan -n 64 --out digits.png",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := dcgan.Open(run)
			if err != nil {
				return err
			}
			z, err := m.Noise(cmd.Context(), n, seed)
			if err != nil {
				return err
			}
			var labels []int
			for i := 0; m.Config.Classes > 0 && i < n; i++ {
				labels = append(labels, i%m.Config.Classes)
				if class >= 0 {
					labels[i] = class
				}
			}
			pixels, err := m.Generate(cmd.Context(), z, labels)
			if err != nil {
				return err
			}
			if err := viz.Save(out, viz.Grid(picturesOf(m.Config, pixels), 8)); err != nil {
				return err
			}
			cmd.Printf("picture: %s\n", out)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", "runs/dcgan", "the run's directory")
	f.StringVar(&out, "out", "out/dcgan.png", "picture to write, a PNG")
	f.IntVarP(&n, "number", "n", 64, "how many")
	f.IntVar(&class, "class", -1, "the class to make, by number, of a model with classes (default all in turn)")
	f.Uint64Var(&seed, "seed", 1, "the same seed gives the same samples")
	return cmd
}
