package kernel

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// Check reads the kernelspec in dir, of [Dir], and gives the kernel's name, or says why it doesn't work.
func Check(dir string) (name string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	var spec kernelspec
	if err == nil {
		err = json.Unmarshal(text, &spec)
	}
	if err == nil && len(spec.Argv) == 0 {
		err = errors.New("it starts nothing")
	}
	if err == nil {
		_, err = os.Stat(spec.Argv[0])
	}
	return spec.DisplayName, err
}
