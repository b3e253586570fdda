package torch

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
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
		sd, err := readOne(filepath.Join(filepath.Dir(path), shard), "")
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

// WriteShards writes a state_dict as [Write] does or, where its values take more than most bytes, in several files beside path with an
// index: model-00001-of-00002.safetensors and so on, model.safetensors.index.json. [Read] finds either under path. A tensor that takes
// more than most has a shard to itself. What an earlier state_dict of this path had of the other form is removed.
func WriteShards(path string, sd *StateDict, most int64) error {
	base, ok := strings.CutSuffix(path, ".safetensors")
	if !ok {
		return fmt.Errorf("shards of %s: the name must end in .safetensors", path)
	}
	var shards []*StateDict
	var total, size int64
	for _, name := range sd.names {
		n := int64(len(sd.tensors[name].Data))
		if len(shards) == 0 || size > 0 && size+n > most {
			shards = append(shards, &StateDict{Metadata: sd.Metadata})
			size = 0
		}
		shards[len(shards)-1].Set(name, sd.tensors[name])
		size, total = size+n, total+n
	}
	old, err := filepath.Glob(globQuote(base) + "-?????-of-?????.safetensors")
	if err != nil {
		return err
	}
	if len(shards) < 2 {
		if err := Write(path, sd); err != nil {
			return err
		}
		return removeAll(append(old, path+".index.json"), nil)
	}
	places, written := map[string]string{}, map[string]bool{}
	for i, shard := range shards {
		file := fmt.Sprintf("%s-%05d-of-%05d.safetensors", base, i+1, len(shards))
		if err := Write(file, shard); err != nil {
			return err
		}
		written[file] = true
		for _, name := range shard.names {
			places[name] = filepath.Base(file)
		}
	}
	index, err := json.MarshalIndent(map[string]any{"metadata": map[string]int64{"total_size": total}, "weight_map": places}, "", "  ")
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(path+".index.json", append(index, '\n'), 0o644); err != nil {
		return err
	}
	return removeAll(append(old, path), written)
}

// removeAll removes files, those to keep and those that aren't there aside.
func removeAll(files []string, keep map[string]bool) error {
	for _, f := range files {
		if keep[f] {
			continue
		}
		if err := os.Remove(f); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// globQuote makes a path stand for itself in a pattern.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
