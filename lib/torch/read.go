package torch

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Read reads a state_dict: a .safetensors file; shards, by their .index.json or by the folder that holds model.safetensors or
// model.safetensors.index.json; or what torch.save wrote (.pt, .pth, .bin, .ckpt).
func Read(path string) (*StateDict, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "model.safetensors")
	}
	if _, err := os.Stat(path); os.IsNotExist(err) && filepath.Ext(path) == ".safetensors" {
		if _, err := os.Stat(path + ".index.json"); err == nil {
			path += ".index.json"
		}
	}
	if strings.HasSuffix(path, ".index.json") {
		return readShards(path)
	}
	return readOne(path)
}

// readOne reads one file, telling what it is by its name, then by its first bytes.
func readOne(path string) (*StateDict, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	read := readSafetensors
	if filepath.Ext(path) != ".safetensors" {
		start := make([]byte, 8)
		n, err := io.ReadFull(f, start)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		if looksSaved(start[:n]) {
			read = readTorch
		}
	}
	sd, err := read(f, size)
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
		return nil, 0, fmt.Errorf("reading %s: not a file but %s", path, info.Mode().Type())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}
