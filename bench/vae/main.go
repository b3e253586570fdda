// Trains the article's VAE as bench/pytorch/vae.py does, and prints the same JSON line an epoch: go run ./bench/vae [EPOCHS] [SEED]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"genlab/lib/data/mnist"
	"genlab/lib/models/vae"
	"genlab/lib/train"
)

func main() {
	log.SetFlags(0)
	if err := run(argument(1, 10), argument(2, 1)); err != nil {
		log.Fatal(err)
	}
}

func argument(i, otherwise int) int {
	if i < len(os.Args) {
		if n, err := strconv.Atoi(os.Args[i]); err == nil {
			return n
		}
	}
	return otherwise
}

func run(epochs, seed int) error {
	digits, err := mnist.Load(mnist.Config{})
	if err != nil {
		return err
	}
	batches, err := digits.Train.Batches(mnist.BatchConfig{Size: 128, Seed: uint64(seed), Shuffle: true, DropLast: true})
	if err != nil {
		return err
	}
	test, err := digits.Test.Batches(mnist.BatchConfig{Size: 500})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-vae-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	// An epoch's time is that of its steps, compiling, data and checkpoints included, measuring the test set left out.
	began := time.Now()
	_, err = vae.Train(context.Background(), vae.TrainConfig{
		Model: vae.Default(), Seed: uint64(seed),
		AfterEpoch: func(ctx context.Context, m *vae.Model, epoch int, _ string) error {
			seconds := time.Since(began).Seconds()
			nats, err := m.Loss(ctx, test)
			if err != nil {
				return err
			}
			line, err := json.Marshal(map[string]any{"epoch": epoch, "seconds": seconds, "test_loss": nats})
			if err != nil {
				return err
			}
			fmt.Println(string(line))
			began = time.Now()
			return nil
		},
		Options: train.Options{Run: dir, Epochs: epochs, Watch: func(train.Progress) {}},
	}, batches)
	return err
}
