package command

import (
	"path/filepath"

	"genlab/lib/data/fetch"
)

// vggFile is a given file of a VGG's weights, or the one that `genlab data vgg16` fetched.
func vggFile(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	folder, err := fetch.Folder("vgg16")
	return filepath.Join(folder, "vgg16.weights.h5"), err
}
