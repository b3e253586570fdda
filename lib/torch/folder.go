package torch

import (
	"os"
	"path/filepath"
)

// InFolder is where the weights of a folder of Hugging Face's lie, for [Read]: the folder itself, with model.safetensors in one file or
// shards; else its pytorch_model.bin.
func InFolder(folder string) string {
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(folder, name))
		return err == nil
	}
	if !there("model.safetensors") && !there("model.safetensors.index.json") && there("pytorch_model.bin") {
		return filepath.Join(folder, "pytorch_model.bin")
	}
	return folder
}
