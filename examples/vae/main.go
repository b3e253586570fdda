// Trains the VAE on MNIST for two epochs and draws digits: go run ./examples/vae
package main

import (
	"context"
	"log"
	"os"
	"os/signal"

	"genlab/lib/data/mnist"
	"genlab/lib/models/vae"
	"genlab/lib/train"
	"genlab/lib/viz"
)

func main() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // Ctrl-C saves; run again, it goes on
	defer stop()
	digits, err := mnist.Load(mnist.Default())
	check(err)
	batches, err := digits.Train.Batches(mnist.BatchConfig{Size: 128, Shuffle: true, DropLast: true})
	check(err)
	m, err := vae.Train(ctx, vae.TrainConfig{Model: vae.Default(), Options: train.Options{Run: "runs/example", Epochs: 2}}, batches)
	check(err)
	samples, err := m.Sample(ctx, 64, 1)
	check(err)
	check(viz.Show(viz.Grid(viz.Images{Pixels: samples}, 8), "example"))
}
