package bench

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/images"
	"genlab/lib/data/text"
	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// imageFeeding makes an epoch's batches of pictures in a fresh order. The sum of the pictures' first values is compared.
func imageFeeding() *spec.Workload {
	return &spec.Workload{
		Name: "feed-images",
		Peer: "feed", About: "batches of 64-pixel pictures from bytes in memory, shuffled, an epoch; no training",
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"pictures": 4096, "size": 64, "batch": 64},
		Growth:    map[string][]int{"pictures": {512, 1024, 2048, 4096, 8192}},
		Tiny:      spec.Sizes{"pictures": 12, "size": 8, "batch": 4},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			n := z["pictures"]
			shape := []int{n, z["size"], z["size"], 3}
			pixels := spec.NewDraw().Bytes(n * z["size"] * z["size"] * 3)
			set, err := images.FromBytes(pixels, z["size"], z["size"], 3, nil, nil, z["size"])
			if err != nil {
				return nil, err
			}
			batches, err := set.Batches(images.BatchConfig{Size: z["batch"], Seed: 1, Shuffle: true, DropLast: true})
			if err != nil {
				return nil, err
			}
			inputs := &torch.StateDict{}
			inputs.Set("pictures", torch.Tensor{DType: torch.U8, Shape: shape, Data: pixels})
			size := z["size"] * z["size"] * 3
			return feeding(batches, inputs, func(batch []*tensors.Tensor) (sum float64, err error) {
				err = tensors.ConstFlatData(batch[0], func(flat []float32) {
					for i := 0; i < len(flat); i += size {
						sum += float64(flat[i])
					}
				})
				return sum, err
			})
		},
	}
}

// textFeeding makes batches of windows of a text that start anywhere. What is compared is how many tokens of all are followed, in
// their window, by the token that they predict: all but a window's last.
func textFeeding() *spec.Workload {
	return &spec.Workload{
		Name: "feed-text",
		Peer: "feed", About: "batches of windows of a text, x and y, an epoch; no training",
		Tolerance: 0,
		Sizes:     spec.Sizes{"tokens": 500_000, "batch": 12, "length": 64, "vocab": 91},
		Growth:    map[string][]int{"tokens": {62_500, 125_000, 250_000, 500_000, 1_000_000}},
		Tiny:      spec.Sizes{"tokens": 600, "batch": 3, "length": 7},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			tokens := spec.NewDraw().Tokens(0, z["vocab"], z["tokens"])
			in, err := torch.FromGoMLX(tokens)
			if err != nil {
				return nil, err
			}
			inputs := &torch.StateDict{}
			inputs.Set("tokens", in)
			windows, err := text.NewWindows(tokens.Value().([]int32), text.BatchConfig{Size: z["batch"], Length: z["length"], Seed: 1})
			if err != nil {
				return nil, err
			}
			return feeding(windows, inputs, func(batch []*tensors.Tensor) (right float64, err error) {
				x, y := batch[0].Value().([][]int32), batch[1].Value().([][]int32)
				for i := range x {
					for j := range len(x[i]) - 1 {
						if x[i][j+1] == y[i][j] {
							right++
						}
					}
				}
				return right, nil
			})
		},
	}
}

// feeding makes an epoch of batches a step and sums what look sees in each.
func feeding(data train.Dataset, inputs *torch.StateDict, look func(batch []*tensors.Tensor) (float64, error)) (*spec.Side, error) {
	epoch := 0
	return &spec.Side{Weights: &torch.StateDict{}, Inputs: inputs, Step: func(ctx context.Context) ([]float64, error) {
		sum := 0.0
		for step := range data.Steps() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			batch, err := data.Batch(epoch, step)
			if err != nil {
				return nil, err
			}
			seen, err := look(batch)
			if err != nil {
				return nil, err
			}
			sum += seen
		}
		epoch++
		return []float64{sum}, nil
	}}, nil
}
