package torch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Read reads a state_dict: a .safetensors file; shards, by their .index.json or by the folder that holds model.safetensors or
// model.safetensors.index.json; or what torch.save wrote (.pt, .pth, .bin, .ckpt), also before PyTorch 1.6. Of a checkpoint, which
// holds a state_dict beside epochs, optimisers and the like, it reads that state_dict, if there is but one.
func Read(path string) (*StateDict, error) { return ReadKey(path, "") }

// ReadKey is [Read] where torch.save wrote several state_dicts into one dict: key says which, such as "model" or, deeper, "ema.model".
// Key "." takes all that the file holds, under dotted names.
func ReadKey(path, key string) (*StateDict, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "model.safetensors")
	}
	if _, err := os.Stat(path); os.IsNotExist(err) && filepath.Ext(path) == ".safetensors" {
		if _, err := os.Stat(path + ".index.json"); err == nil {
			path += ".index.json"
		}
	}
	if strings.HasSuffix(path, ".index.json") {
		if key != "" {
			return nil, fmt.Errorf("reading %s: the key is %q: shards have none", path, key)
		}
		return readShards(path)
	}
	return readOne(path, key)
}

// Source is where a state_dict lies.
type Source struct {
	Path   string // as [Read] takes it
	Key    string // as [ReadKey] takes it; empty for none
	Prefix string // as [StripPrefix] takes it; empty for none
}

// Read reads it.
func (s Source) Read() (*StateDict, error) {
	sd, err := ReadKey(s.Path, s.Key)
	if err != nil || s.Prefix == "" {
		return sd, err
	}
	if sd, err = StripPrefix(sd, s.Prefix); err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.Path, err)
	}
	return sd, nil
}

// readOne reads one file, telling what it is by its name, then by its first bytes.
func readOne(path, key string) (*StateDict, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	start := make([]byte, 32)
	if n, err := f.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	} else if start = start[:n]; filepath.Ext(path) == ".safetensors" {
		start = nil
	}
	var sd *StateDict
	switch {
	case looksSaved(start):
		sd, err = readTorch(f, size, key)
	case key != "":
		err = fmt.Errorf("the key is %q: only what torch.save wrote has keys", key)
	default:
		sd, err = readSafetensors(f, size)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return sd, nil
}

func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() { // before opening, which waits for ever on a pipe
		what := "a device"
		switch {
		case info.IsDir():
			what = "a folder"
		case info.Mode()&os.ModeNamedPipe != 0:
			what = "a pipe"
		}
		return nil, 0, fmt.Errorf("reading %s: not a file but %s", path, what)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}
