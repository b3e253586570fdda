package pixelcnn

import (
	"context"

	"genlab/lib/train"
	"genlab/lib/train/pixelwise"
)

// id is the model's name in runs and commands.
const id = "pixelcnn"

// Model is a PixelCNN with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model = pixelwise.Model[Config]

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) { return pixelwise.New(id, c, seed) }

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives batches as [pixelwise.Step] takes them,
// without noise. The metrics are loss, in nats a picture, and bits, for each value. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	return pixelwise.Train(ctx, id, cfg, data)
}
