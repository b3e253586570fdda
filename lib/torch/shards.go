package torch

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
)

// readShards reads the files that an index lists: {"metadata": …, "weight_map": {"fc1.weight": "model-00001-of-00002.safetensors", …}}.
func readShards(path string) (*StateDict, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	if size > maxHeader {
		return nil, fmt.Errorf("reading %s: an index of %d bytes, at most %d are allowed", path, size, maxHeader)
	}
	text, err := io.ReadAll(io.LimitReader(f, size))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	places, err := parseIndex(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}

	shards := map[string]bool{}
	for _, shard := range places {
		shards[shard] = true
	}
	all := &StateDict{Metadata: map[string]string{}}
	for _, shard := range slices.Sorted(maps.Keys(shards)) {
		sd, err := readOne(filepath.Join(filepath.Dir(path), shard))
		if err != nil {
			return nil, fmt.Errorf("a shard of %s: %w", filepath.Base(path), err)
		}
		for _, name := range sd.names {
			if places[name] != shard {
				return nil, fmt.Errorf("reading %s: shard %s holds tensor %s, which the index places in %q", path, shard, quote(name), places[name])
			}
			delete(places, name)
			all.Set(name, sd.tensors[name])
		}
		maps.Copy(all.Metadata, sd.Metadata)
	}
	for _, name := range slices.Sorted(maps.Keys(places)) {
		return nil, fmt.Errorf("reading %s: shard %s lacks tensor %s, one of %d tensors that the index places wrongly", path, places[name], quote(name), len(places))
	}
	return all, nil
}

// parseIndex gives the shard of each tensor.
func parseIndex(text []byte) (map[string]string, error) {
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("not an index of shards: %w", err)
	}
	if len(index.WeightMap) == 0 {
		return nil, fmt.Errorf("not an index of shards: no weight_map")
	}
	for name, shard := range index.WeightMap {
		// Beside the index and of this format, so that an index can't have other files read.
		if shard != filepath.Base(shard) || filepath.Ext(shard) != ".safetensors" {
			return nil, fmt.Errorf("tensor %s lies in %q, must be the name of a .safetensors file beside the index", quote(name), shard)
		}
	}
	return index.WeightMap, nil
}
