// Package skab is the Skoltech Anomaly Benchmark 0.9 (Katser & Kozitsin, 2020; GPL-3): 34 labelled experiments on a testbed of a pump, eight
// sensors, a row a second. It isn't part of genlab: see [Open].
package skab

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"genlab/lib/data/fetch"
	"genlab/lib/data/sensors"
)

// Train is how many rows of each experiment are normal and to be learnt, by the benchmark's protocol; those after are judged.
const Train = 400

// Experiment is one of the benchmark.
type Experiment struct {
	Name                 string // such as valve1/0
	Sensors              []string
	Times                []time.Time
	Values               [][]float64 // [rows, sensors]
	Anomaly, Changepoint []bool      // [rows]
}

// Open reads the experiments of a folder, or of a zip archive, in which those of one sort lie in the folders valve1, valve2 and other; "" is
// the folder that `genlab data skab` fetches to. They come in the order of their sorts and numbers.
func Open(where string) ([]Experiment, error) {
	if where == "" {
		folder, err := fetch.Folder("skab")
		if err != nil {
			return nil, err
		}
		where = folder
	}
	info, err := os.Stat(where)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return read(os.DirFS(where), where)
	}
	archive, err := zip.OpenReader(where)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: it must be a folder or a zip archive of the benchmark", where, err)
	}
	defer func() { _ = archive.Close() }() // only read
	return read(archive, where)
}

// sorts are the folders of experiments.
var sorts = []string{"valve1", "valve2", "other"}

func read(all fs.FS, where string) ([]Experiment, error) {
	type place struct {
		path         string
		sort, number int
	}
	var places []place
	err := fs.WalkDir(all, ".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(p) != ".csv" {
			return err
		}
		number, err := strconv.Atoi(strings.TrimSuffix(path.Base(p), ".csv"))
		if sort := slices.Index(sorts, path.Base(path.Dir(p))); sort >= 0 && err == nil {
			places = append(places, place{p, sort, number})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("%s has no experiments: there must be files such as valve1/0.csv", where)
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(a.sort-b.sort, a.number-b.number) })
	var list []Experiment
	for _, p := range places {
		e, err := open(all, p.path)
		if err != nil {
			return nil, err
		}
		e.Name = fmt.Sprintf("%s/%d", sorts[p.sort], p.number)
		list = append(list, e)
	}
	return list, nil
}

func open(all fs.FS, p string) (e Experiment, err error) {
	f, err := all.Open(p)
	if err != nil {
		return Experiment{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	t, err := sensors.Read(io.LimitReader(f, 64<<20), p, sensors.Config{})
	if err != nil {
		return Experiment{}, err
	}
	e.Times = t.Times
	for _, c := range []struct {
		name string
		into *[]bool
	}{{"anomaly", &e.Anomaly}, {"changepoint", &e.Changepoint}} {
		values, err := t.Take(c.name)
		if err != nil {
			return Experiment{}, fmt.Errorf("%s: %w", p, err)
		}
		for _, v := range values {
			*c.into = append(*c.into, v == 1)
		}
	}
	e.Sensors, e.Values = t.Names, t.Values
	if e.Times == nil || len(e.Values) <= Train {
		return Experiment{}, fmt.Errorf("%s has %d rows: it must have times, and more than %d rows", p, len(e.Values), Train)
	}
	return e, nil
}
