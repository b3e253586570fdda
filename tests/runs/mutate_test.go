// Package runs has tests of what all models do with their run folders.
package runs

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// mutations of a run's config.json that are tried.
const mutations = 1000

// values are what files damaged by accident or on purpose say where a size stands.
var values = []any{
	0, -1, 1, 2, 3, 7, 33, 1000, 1001, 65536, 1_000_000, 1 << 24, 1<<24 + 1, 1 << 31, 1 << 40, 1 << 60, 1<<63 - 1, -1 << 63, 1e-9, 0.5, 1e300,
	"", "x", nil, true, []int{}, map[string]any{},
}

// mutate opens a run whose config.json says something else in one to three places, many times: each time it opens, or an error comes,
// within a second and 300 MB.
func mutate(t *testing.T, run string, open func(run string) error) {
	t.Helper()
	path := filepath.Join(run, "config.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range mutations {
		var config map[string]any
		if err := json.Unmarshal(whole, &config); err != nil {
			t.Fatal(err)
		}
		for range 1 + rng.IntN(3) {
			places := leaves(config["config"], nil)
			places[rng.IntN(len(places))](values[rng.IntN(len(values))])
		}
		text, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		err = open(run)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 300 || took > time.Second {
			t.Errorf("%s: %v and %d MB; then %v", text, took, mb, err)
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
}

// leaves lists what sets each value within v, in an order that is the same each time.
func leaves(v any, list []func(any)) []func(any) {
	switch v := v.(type) {
	case map[string]any:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			list = append(list, func(x any) { v[name] = x })
			list = leaves(v[name], list)
		}
	case []any:
		for i := range v {
			list = append(list, func(x any) { v[i] = x })
		}
	}
	return list
}
