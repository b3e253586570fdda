package augment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
	"genlab/lib/metrics"
)

// Plan is what to compare. What was measured before in the same run isn't measured again, so a plan may grow.
type Plan struct {
	// Run is the folder for scores and for what the makers learned.
	Run string `json:"-" flag:"run" help:"folder for scores and trained makers; what it has isn't done again"`
	// Arms are ways of widening, the first of which the others are compared with.
	Arms []string `json:"-" flag:"arms" help:"ways to widen the set, with commas between; the first is what others are compared with"`
	// PerClass are how many examples of each class there are to learn from, at most; 0 is all.
	PerClass []int `json:"-" flag:"a-class" help:"how many examples of each class there are to learn from, with commas between; 0 is all"`
	// Fill are how many examples each class has after makers have added theirs.
	Fill []int `json:"-" flag:"fill" help:"how many examples a class has when made ones are added, with commas between"`
	// Seeds are how often all is done: with other examples, other weights, other made ones.
	Seeds int `json:"-" flag:"seeds" help:"how often all is done anew, at least 2"`
}

// Cell is one training and its measurement.
type Cell struct {
	Arm      string `json:"arm"`
	PerClass int    `json:"a_class"`
	Fill     int    `json:"fill"` // 0 for arms that make nothing
	Seed     int    `json:"seed"`
}

// name is that of the cell's file.
func (c Cell) name() string {
	return fmt.Sprintf("%s-%d-%d-%d.json", c.Arm, c.PerClass, c.Fill, c.Seed)
}

// Score is what a classifier reached on the test set.
type Score struct {
	BalancedAccuracy float64 `json:"balanced_accuracy"`
	ROCAUC           float64 `json:"roc_auc"`
}

// Scored is a cell with its score.
type Scored struct {
	Cell
	Score
}

// scoreOf measures probabilities against what is true.
func scoreOf(probabilities [][]float32, classes []int) (Score, error) {
	told := make([]int, len(probabilities))
	for i, p := range probabilities {
		told[i] = slices.Index(p, slices.Max(p))
	}
	accuracy, err := metrics.BalancedAccuracy(told, classes)
	if err != nil {
		return Score{}, err
	}
	area, err := metrics.ClassesROCAUC(probabilities, classes)
	return Score{accuracy, area}, err
}

// cells are all trainings of the plan. makes says which arms add examples.
func (p Plan) cells(known []string, makes func(arm string) bool) ([]Cell, error) {
	switch {
	case p.Run == "":
		return nil, errors.New("augment: run is empty: it must be a folder, such as runs/augment")
	case p.Seeds < 2:
		return nil, fmt.Errorf("augment: seeds is %d: it must be at least 2, for an interval", p.Seeds)
	case len(p.Arms) == 0:
		return nil, fmt.Errorf("augment: there are no arms: there must be some of %s", strings.Join(known, ", "))
	case len(p.PerClass) == 0:
		return nil, errors.New("augment: a-class is empty: it must be how many examples of each class there are, 0 for all")
	}
	for _, arm := range p.Arms {
		if !slices.Contains(known, arm) {
			return nil, fmt.Errorf("augment: arm is %q: it must be one of %s", arm, strings.Join(known, ", "))
		}
		if makes(arm) && len(p.Fill) == 0 {
			return nil, fmt.Errorf("augment: fill is empty: it must be how many examples a class has when %s has added its own", arm)
		}
	}
	for _, n := range p.PerClass {
		if n < 0 {
			return nil, fmt.Errorf("augment: a-class is %d: it must be at least 1, or 0 for all", n)
		}
	}
	for _, n := range p.Fill {
		if n < 1 {
			return nil, fmt.Errorf("augment: fill is %d: it must be at least 1", n)
		}
	}
	var list []Cell
	for _, perClass := range p.PerClass {
		for _, arm := range p.Arms {
			fills := []int{0}
			if makes(arm) {
				fills = p.Fill
			}
			for _, fill := range fills {
				for seed := 1; seed <= p.Seeds; seed++ {
					list = append(list, Cell{arm, perClass, fill, seed})
				}
			}
		}
	}
	return list, nil
}

// study measures each cell that the run hasn't yet, and gives all. protocol is what else decides the scores: a run keeps it, and refuses
// another. tell is called with each score, and whether it was there before.
func (p Plan) study(ctx context.Context, cells []Cell, protocol any, measure func(context.Context, Cell) (Score, error), tell func(s Scored, before bool)) ([]Scored, error) {
	scores := filepath.Join(p.Run, "scores")
	if err := os.MkdirAll(scores, 0o755); err != nil {
		return nil, fmt.Errorf("augment: %w", err)
	}
	if err := p.keep(protocol); err != nil {
		return nil, err
	}
	var list []Scored
	for _, c := range cells {
		if err := ctx.Err(); err != nil {
			return list, err
		}
		path := filepath.Join(scores, c.name())
		s := Scored{Cell: c}
		raw, err := files.Read(path, 1<<10)
		before := err == nil
		switch {
		case before:
			if err := json.Unmarshal(raw, &s.Score); err != nil {
				return list, fmt.Errorf("augment: %s is damaged: remove it: %w", path, err)
			}
		case !errors.Is(err, fs.ErrNotExist):
			return list, fmt.Errorf("augment: %w", err)
		default:
			if s.Score, err = measure(ctx, c); err != nil {
				return list, fmt.Errorf("augment: %s, %d a class, seed %d: %w", c.Arm, c.PerClass, c.Seed, err)
			}
			if raw, err = json.Marshal(s); err != nil {
				return list, fmt.Errorf("augment: %w", err)
			}
			if err := renameio.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
				return list, fmt.Errorf("augment: %w", err)
			}
		}
		list = append(list, s)
		tell(s, before)
	}
	return list, nil
}

// keep writes the protocol into the run, or compares it with the one that is there.
func (p Plan) keep(protocol any) error {
	path := filepath.Join(p.Run, "protocol.json")
	raw, err := json.MarshalIndent(protocol, "", "  ")
	if err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	raw = append(raw, '\n')
	old, err := files.Read(path, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return renameio.WriteFile(path, raw, 0o644)
	}
	if err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	before, now := strings.Split(string(old), "\n"), strings.Split(string(raw), "\n")
	for i := range max(len(before), len(now)) {
		var a, b string
		if i < len(before) {
			a = strings.TrimSpace(before[i])
		}
		if i < len(now) {
			b = strings.TrimSpace(now[i])
		}
		if a != b {
			return fmt.Errorf("augment: %s was begun by another protocol (%s there, %s now): give the same one to go on, or name another run", p.Run, a, b)
		}
	}
	return nil
}

// Row is what an arm reached over all seeds.
type Row struct {
	Arm            string
	PerClass, Fill int
	BalancedAccuracy, ROCAUC,
	// The gains are over the first arm with as many examples a class, seed by seed: each seed's examples are the same in all arms.
	AccuracyGain, AreaGain metrics.Interval
}

// Table sums up scores, in their order; each arm must have at least 2 seeds.
func Table(scores []Scored) ([]Row, error) {
	if len(scores) == 0 {
		return nil, errors.New("augment: there are no scores: measure some first")
	}
	base, group := map[[2]int]Score{}, func(s Scored) Cell { return Cell{s.Arm, s.PerClass, s.Fill, 0} }
	for _, s := range scores {
		if s.Arm == scores[0].Arm {
			if _, has := base[[2]int{s.PerClass, s.Seed}]; !has {
				base[[2]int{s.PerClass, s.Seed}] = s.Score
			}
		}
	}
	var rows []Row
	var done []Cell
	for _, first := range scores {
		if slices.Contains(done, group(first)) {
			continue
		}
		done = append(done, group(first))
		var accuracy, area, accuracyGain, areaGain []float64
		for _, s := range scores {
			if group(s) != group(first) {
				continue
			}
			b, has := base[[2]int{s.PerClass, s.Seed}]
			if !has {
				return nil, fmt.Errorf("augment: %s has a score by seed %d at %d a class, and %s none: they must have the same seeds", s.Arm, s.Seed, s.PerClass, scores[0].Arm)
			}
			accuracy, area = append(accuracy, s.BalancedAccuracy), append(area, s.ROCAUC)
			accuracyGain, areaGain = append(accuracyGain, s.BalancedAccuracy-b.BalancedAccuracy), append(areaGain, s.ROCAUC-b.ROCAUC)
		}
		row := Row{Arm: first.Arm, PerClass: first.PerClass, Fill: first.Fill}
		var errs [4]error
		row.BalancedAccuracy, errs[0] = metrics.Confidence(accuracy)
		row.ROCAUC, errs[1] = metrics.Confidence(area)
		row.AccuracyGain, errs[2] = metrics.Confidence(accuracyGain)
		row.AreaGain, errs[3] = metrics.Confidence(areaGain)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(a.PerClass, b.PerClass) })
	return rows, nil
}
