package augment

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func makesSome(arm string) bool { return arm == "made" }

func TestStudyGoesOn(t *testing.T) {
	p := Plan{Run: t.TempDir(), Arms: []string{"nothing", "made"}, PerClass: []int{5, 9}, Fill: []int{10, 20}, Seeds: 2}
	cells, err := p.cells([]string{"nothing", "made"}, makesSome)
	if err != nil || len(cells) != 12 {
		t.Fatalf("%d cells, %v", len(cells), err)
	}
	stop, calls := errors.New("stopped"), 0
	measure := func(_ context.Context, c Cell) (Score, error) {
		if calls++; calls == 4 {
			return Score{}, stop
		}
		return Score{float64(c.PerClass) + float64(c.Fill)/100 + float64(c.Seed)/10, 0.5}, nil
	}
	tell := func(Scored, bool) {}
	if _, err := p.study(t.Context(), cells, "a", measure, tell); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	before := 0
	scores, err := p.study(t.Context(), cells, "a", measure, func(_ Scored, was bool) {
		if was {
			before++
		}
	})
	if err != nil || before != 3 || calls != 13 || len(scores) != 12 {
		t.Errorf("%d of %d scores were there before, after %d measurements; error %v", before, len(scores), calls, err)
	}
	if _, err := p.study(t.Context(), cells, "b", measure, tell); err == nil || !strings.Contains(err.Error(), `("a" there, "b" now)`) {
		t.Errorf("another protocol: %v", err)
	}
	if err := os.WriteFile(filepath.Join(p.Run, "scores", cells[0].name()), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.study(t.Context(), cells, "a", measure, tell); err == nil || !strings.Contains(err.Error(), "is damaged: remove it") {
		t.Errorf("a damaged score: %v", err)
	}

	rows, err := Table(scores)
	if err != nil || len(rows) != 6 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	r := rows[1] // made, 5 a class, filled up to 10
	if r.Arm != "made" || r.PerClass != 5 || r.Fill != 10 || math.Abs(r.BalancedAccuracy.Mean-5.25) > 1e-9 || r.BalancedAccuracy.Half < 0.1 ||
		math.Abs(r.AccuracyGain.Mean-0.1) > 1e-9 || r.AccuracyGain.Half > 1e-9 {
		t.Errorf("%+v", r)
	}
	if _, err := Table(append(scores, Scored{Cell: Cell{"made", 5, 10, 3}})); err == nil || !strings.Contains(err.Error(), "they must have the same seeds") {
		t.Errorf("without a score to compare with: %v", err)
	}
}

func TestPlanRefuses(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"run is empty":           func(p *Plan) { p.Run = "" },
		"seeds is 1: it must be": func(p *Plan) { p.Seeds = 1 },
		"there are no arms":      func(p *Plan) { p.Arms = nil },
		`arm is "magic": it must be one of nothing, made`: func(p *Plan) { p.Arms = []string{"magic"} },
		"a-class is empty": func(p *Plan) { p.PerClass = nil },
		"a-class is -1":    func(p *Plan) { p.PerClass = []int{-1} },
		"fill is empty":    func(p *Plan) { p.Fill = nil },
		"fill is 0":        func(p *Plan) { p.Fill = []int{0} },
	} {
		p := Plan{Run: "x", Arms: []string{"nothing", "made"}, PerClass: []int{5}, Fill: []int{10}, Seeds: 2}
		change(&p)
		if _, err := p.cells([]string{"nothing", "made"}, makesSome); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
