package runs

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/models/bert"
	"genlab/lib/models/classifier"
	"genlab/lib/models/clip"
	"genlab/lib/models/cyclegan"
	"genlab/lib/models/dalle"
	"genlab/lib/models/dcgan"
	"genlab/lib/models/gan"
	"genlab/lib/models/gpt"
	"genlab/lib/models/pixelcnn"
	"genlab/lib/models/pixelrnn"
	"genlab/lib/models/rnn"
	"genlab/lib/models/stylegan"
	"genlab/lib/models/transformer"
	"genlab/lib/models/vae"
	"genlab/lib/models/vit"
	"genlab/lib/models/wavenet"
	"genlab/lib/train"
)

// TestMain takes the pure-Go backend, which compiles nothing.
func TestMain(m *testing.M) {
	if err := os.Setenv("GOMLX_BACKEND", "go"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// made is a data set of drawn batches.
type made struct {
	steps int
	batch func(rng *rand.Rand) []*tensors.Tensor
}

func (d made) Steps() int { return d.steps }

func (d made) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	return d.batch(rand.New(rand.NewPCG(uint64(epoch), uint64(step)))), nil
}

// floats draws from U[0, 1).
func floats(rng *rand.Rand, dims ...int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = rng.Float32()
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// integers draws from low up to, not including, high.
func integers(rng *rand.Rand, low, high int, dims ...int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	values := make([]int32, n)
	for i := range values {
		values[i] = int32(low + rng.IntN(high-low))
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// model is how the tests train and open one.
type model struct {
	name  string
	data  train.Dataset
	train func(ctx context.Context, o train.Options, data train.Dataset) error
	open  func(run string) error
}

// models are all that have runs, as small as they come.
func models() []model {
	opened := func(_ any, err error) error { return err }
	return []model{
		{
			"vae",
			made{3, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{floats(rng, 4, 16)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := vae.TrainConfig{Model: vae.Config{InputDim: 16, HiddenDim: 8, LatentDim: 2}, Seed: 1, Validation: data, Options: o}
				_, err := vae.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(vae.Open(run)) },
		},
		{
			"gan",
			made{3, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{floats(rng, 4, 1)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				_, err := gan.Train(ctx, gan.TrainConfig{Model: gan.Tiny(), Seed: 1, Options: o}, data)
				return err
			},
			func(run string) error { return opened(gan.Open(run)) },
		},
		{
			"classifier",
			made{3, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{floats(rng, 4, 8, 8, 1), integers(rng, 0, 2, 4)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				_, err := classifier.Train(ctx, classifier.TrainConfig{Model: classifier.Tiny(), Seed: 1, Validation: data, Options: o}, data)
				return err
			},
			func(run string) error { return opened(classifier.Open(run)) },
		},
		{
			"dcgan",
			made{2, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{floats(rng, 2, 32, 32, 1)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				_, err := dcgan.Train(ctx, dcgan.TrainConfig{Model: dcgan.Tiny(), Seed: 1, EMA: 0.9, Options: o}, data)
				return err
			},
			func(run string) error { return opened(dcgan.Open(run)) },
		},
		{
			"lstm",
			made{3, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{integers(rng, 0, 5, 2, 6), integers(rng, 0, 5, 2, 6)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := rnn.TrainConfig{Model: rnn.Tiny(), Seed: 1, Validation: data, Options: o}
				c.Model.Vocab = "abcde"
				_, err := rnn.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(rnn.Open(run)) },
		},
		{
			"translator",
			made{3, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{integers(rng, 4, 10, 2, 5), integers(rng, 4, 10, 2, 5), integers(rng, 4, 10, 2, 5)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				_, err := transformer.Train(ctx, transformer.TrainConfig{Model: transformer.Tiny(10), Seed: 1, Options: o}, data)
				return err
			},
			func(run string) error { return opened(transformer.Open(run)) },
		},
		{
			"gpt",
			made{3, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{integers(rng, 0, 11, 2, 8), integers(rng, 0, 11, 2, 8)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := gpt.Recipe()
				c.Model, c.WarmUp, c.Validation, c.Options = gpt.Tiny(11), 2, data, o
				_, err := gpt.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(gpt.Open(run)) },
		},
		{
			"pixelcnn",
			made{2, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{floats(rng, 2, 6, 6, 1)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := pixelcnn.TrainConfig{Model: pixelcnn.Tiny(), WarmUp: 1, Seed: 1, Validation: data, Options: o}
				c.Model.Height, c.Model.Width = 6, 6
				_, err := pixelcnn.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(pixelcnn.Open(run)) },
		},
		{
			"pixelrnn",
			made{2, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{floats(rng, 2, 5, 5, 1)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := pixelrnn.TrainConfig{Model: pixelrnn.Tiny(), WarmUp: 1, Seed: 1, Validation: data, Options: o}
				c.Model.Height, c.Model.Width = 5, 5
				_, err := pixelrnn.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(pixelrnn.Open(run)) },
		},
		{
			"bert",
			made{3, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{integers(rng, 1, 11, 2, 8), integers(rng, 1, 11, 2, 8)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := bert.Recipe()
				c.Model, c.WarmUp, c.Validation, c.Options = bert.Tiny(11), 2, data, o
				_, err := bert.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(bert.Open(run)) },
		},
		{
			"vit",
			made{3, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{floats(rng, 4, 8, 8, 1), integers(rng, 0, 2, 4)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := vit.Recipe()
				c.Model, c.WarmUp, c.Validation, c.Options = vit.Tiny(), 2, data, o
				c.Model.DropPath, c.Mixup = 0.1, 0.8
				_, err := vit.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(vit.Open(run)) },
		},
		{
			"wavenet",
			made{3, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{integers(rng, 0, 256, 2, 20)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				_, err := wavenet.Train(ctx, wavenet.TrainConfig{Model: wavenet.Tiny(), Seed: 1, Validation: data, Options: o}, data)
				return err
			},
			func(run string) error { return opened(wavenet.Open(run)) },
		},
		{
			"clip",
			made{3, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{integers(rng, 1, 5, 4, 5), floats(rng, 4, 8, 8, 3)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := clip.Recipe()
				c.Model, c.WarmUp, c.Validation, c.Options = clip.Tiny(), 2, data, o
				c.Model.ImageSize, c.Model.PatchSize, c.Model.TextLength, c.Model.Words = 8, 4, 6, []string{"a", "b", "c", "d"}
				_, err := clip.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(clip.Open(run)) },
		},
		{
			"dvae",
			made{3, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{floats(rng, 2, 8, 8, 3)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := dalle.DVAERecipe()
				c.Model, c.WarmUp, c.Validation, c.Options = dalle.TinyDVAE(), 2, data, o
				_, err := dalle.TrainDVAE(ctx, c, data)
				return err
			},
			func(run string) error { return opened(dalle.OpenPictures(run)) },
		},
		{
			"stylegan",
			made{2, func(rng *rand.Rand) []*tensors.Tensor { return []*tensors.Tensor{floats(rng, 4, 16, 16, 1)} }},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := stylegan.Recipe()
				c.Model, c.R1Part, c.Options = stylegan.Tiny(), 1, o
				_, err := stylegan.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(stylegan.Open(run)) },
		},
		{
			"cyclegan",
			made{2, func(rng *rand.Rand) []*tensors.Tensor {
				return []*tensors.Tensor{floats(rng, 2, 16, 16, 1), floats(rng, 2, 16, 16, 1)}
			}},
			func(ctx context.Context, o train.Options, data train.Dataset) error {
				c := cyclegan.Recipe()
				c.Model, c.Options = cyclegan.Tiny(), o
				_, err := cyclegan.Train(ctx, c, data)
				return err
			},
			func(run string) error { return opened(cyclegan.Open(run)) },
		},
	}
}

func options(run string) train.Options {
	return train.Options{Run: run, Epochs: 2, CheckpointEvery: 1, Watch: func(train.Progress) {}}
}

// TestMutatedConfigs holds that no size in a run's config.json is believed before it is compared with the checkpoint.
func TestMutatedConfigs(t *testing.T) {
	for _, m := range models() {
		t.Run(m.name, func(t *testing.T) {
			o := options(t.TempDir())
			o.Epochs = 1
			if err := m.train(t.Context(), o, m.data); err != nil {
				t.Fatal(err)
			}
			if err := m.open(o.Run); err != nil {
				t.Fatal(err)
			}
			mutate(t, o.Run, m.open)
		})
	}
}
