package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/models/dcgan"
	"genlab/lib/train"
)

// training is what `train dcgan` takes: the model's own choices, and the data.
type training struct {
	dcgan.TrainConfig
	Pictures
	Conditional bool   `json:"conditional" help:"make pictures of the class that is asked for"`
	Batch       int    `json:"batch" help:"pictures an iteration, for all of the discriminator's steps together"`
	Flip        bool   `json:"flip" help:"show half of the pictures in the mirror"`
	Classifier  string `json:"classifier" help:"run of a classifier of digits, to measure samples by after each epoch"`
	Keep        int    `json:"keep" help:"samples to write to a file after each epoch, for genlab measure or other programs"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: dcgan.Recipe(), Pictures: Pictures{Data: "mnist"}, Batch: 64}
	cmd := &cobra.Command{
		Use:   "dcgan",
		Short: "Train the article's generative adversarial network on pictures",
		Long: `Train the article's generative adversarial network: on MNIST, which comes with genlab, on CIFAR-10, on CelebA, or on any folder of
JPEG, PNG, GIF, WebP, BMP, TIFF and PPM pictures. Prints the article's line every 50 batches. An unfinished run in the same directory is
resumed.`,
		Example: `  genlab train dcgan                                              # MNIST, narrow and 32×32: a few minutes
  genlab train dcgan --data cifar10 --download --size 32 --conditional --run runs/cifar
  genlab train dcgan --data ~/photos --ngf 64 --ndf 64 --flip --run runs/photos
  genlab train dcgan --loss wgan-gp --norm layer --d-steps 5 --batch 320 --run runs/wgan`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, dcgan.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if err := t.run(cmd); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "frechet", "of Fréchet distance", fmt.Sprintf("genlab sample dcgan --run %s", command.Quote(t.Run)))
	}
	return cmd
}

func (t *training) run(cmd *cobra.Command) (err error) {
	ctx := cmd.Context()
	if t.Model.Init == "pytorch" {
		t.Model.Init = dcgan.PyTorchInit
	}
	set, done, err := t.open(ctx, t.Model.ImageSize)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	batches, err := t.batches(set)
	if err != nil {
		return err
	}
	if t.Classifier != "" {
		if t.Evaluate, err = t.evaluate(ctx); err != nil {
			return err
		}
	}
	frames := filepath.Join(t.Run, "samples", "frames")
	t.Watch = func(train.Progress) {}
	t.AfterLine = func(ctx context.Context, m *dcgan.Model, step int, line string) error {
		cmd.Println(line)
		if !isFrame(step, batches.Steps()) {
			return nil
		}
		return save(ctx, m, filepath.Join(frames, fmt.Sprintf("step-%07d.png", step)), 25, 5)
	}
	t.AfterEpoch = func(ctx context.Context, m *dcgan.Model, epoch int, samples string) error {
		name := filepath.Join(samples, fmt.Sprintf("epoch-%03d", epoch))
		if err := save(ctx, m, name+".png", 64, 8); err != nil || t.Keep == 0 {
			return err
		}
		return write(ctx, m, name+".safetensors", t.Keep, t.Seed)
	}
	if _, err := dcgan.Train(ctx, t.TrainConfig, batches); err != nil {
		return err
	}
	animation := filepath.Join(t.Run, "samples", "training.gif")
	if err := animate(frames, animation); err != nil {
		return err
	}
	cmd.Printf("animation: %s\n", animation)
	return nil
}

// batches cuts the set, and makes the model for its pictures.
func (t *training) batches(set *images.Set) (*images.Batches, error) {
	t.Model.NC = set.Channels
	if t.Conditional {
		if len(set.Classes) < 2 {
			return nil, errors.New("--conditional: the pictures have no classes: put each class's pictures into a folder of its own")
		}
		t.Model.Classes = len(set.Classes)
	}
	return set.Batches(images.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true, Labels: t.Model.Classes > 0, Flip: t.Flip})
}

// evaluate measures samples by the classifier.
func (t *training) evaluate(ctx context.Context) (func(context.Context, *dcgan.Model) ([]train.Metric, error), error) {
	judge, err := newJudge(ctx, t.Classifier, t.Model.ImageSize)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, m *dcgan.Model) ([]train.Metric, error) {
		made, err := m.Sample(ctx, 2000, t.Seed)
		if err != nil {
			return nil, err
		}
		return judge.measure(ctx, made)
	}, nil
}
