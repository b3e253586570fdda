package torch_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/models/transformer"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

// BenchmarkEncoderWeights reads the article's encoder, 60 MB, into the backend, and writes it from there.
func BenchmarkEncoderWeights(b *testing.B) {
	net, err := transformer.NewEncoder(transformer.DefaultEncoder())
	if err != nil {
		b.Fatal(err)
	}
	back, err := backend.Open()
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "encoder.safetensors")
	made := model.NewStore().RootScope()
	if err := nn.Create(made, net, 1); err != nil {
		b.Fatal(err)
	}
	if err := torch.Of(made, net).Save(path); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	loaded := model.NewStore().RootScope()
	b.Run("read", func(b *testing.B) {
		b.SetBytes(info.Size())
		b.ReportAllocs()
		for b.Loop() {
			sd, err := torch.Read(path)
			if err != nil {
				b.Fatal(err)
			}
			if err := torch.LoadOnto(back, loaded, net, sd, false); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		b.SetBytes(info.Size())
		b.ReportAllocs()
		for b.Loop() {
			if err := torch.Of(loaded, net).Save(path); err != nil {
				b.Fatal(err)
			}
		}
	})
}
