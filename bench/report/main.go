// Writes docs/performance.md's tables and plots from what bench/run.py measured: go run ./bench/report [FOLDER]
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"log"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"genlab/bench"
	"genlab/cmd/genlab/models"
	"genlab/lib/viz"
)

const (
	document = "docs/performance.md"
	pictures = "docs/images"
)

// sides are the columns, in order.
var sides = []struct{ id, name string }{{"genlab", "genlab"}, {"eager", "PyTorch"}, {"compile", "PyTorch compiled"}, {"jax", "JAX"}}

// workloads are all that there are, in the tables' order.
var workloads = append(models.Workloads(), bench.Own()...)

// aim says which ratios a workload is to reach, to PyTorch's better side and to JAX.
func aim(name string) string {
	for _, w := range workloads {
		if w.Name != name {
			continue
		}
		switch {
		case w.Aims[0] == 0:
			return ""
		case w.Aims[1] == 0:
			return fmt.Sprintf("%g to PyTorch", w.Aims[0])
		}
		return fmt.Sprintf("%.2g, %.2g", w.Aims[0], w.Aims[1])
	}
	return ""
}

// row is what one side of a workload did.
type row struct {
	Seconds median  `json:"seconds"`
	Ratio   median  `json:"ratio"`
	First   float64 `json:"first_seconds"`
	Memory  float64 `json:"memory"`
	Version string  `json:"version"`
}

// median is that of rounds, with its 95 % interval.
type median struct {
	Median  float64 `json:"median"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Refused string  `json:"refused"` // set where the rounds don't settle it
}

// result is a workload's JSON file.
type result struct {
	Name    string         `json:"name"`
	About   string         `json:"about"`
	Sizes   map[string]int `json:"sizes"`
	Sides   map[string]row `json:"sides"`
	Date    string         `json:"date"`
	Command string         `json:"command"`
	Machine struct {
		Processor string `json:"processor"`
		Threads   int    `json:"threads"`
	} `json:"machine"`
	Axes map[string][]struct {
		Value float64        `json:"value"`
		Sides map[string]row `json:"sides"`
	} `json:"axes"` // of a growth run
}

func main() {
	log.SetFlags(0)
	folder := "out/bench"
	if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	if err := write(folder); err != nil {
		log.Fatal(err)
	}
}

func write(folder string) error {
	order := map[string]int{}
	for i, w := range workloads {
		order[w.Name] = i
	}
	results, err := read(folder)
	if err != nil {
		return err
	}
	grown, err := read(filepath.Join(folder, "growth"))
	if err != nil {
		return err
	}
	if len(results) == 0 && len(grown) == 0 {
		return fmt.Errorf("%s has no results: make bench first", folder)
	}
	place := func(name string) int {
		if i, ok := order[name]; ok {
			return i
		}
		return len(order)
	}
	byPlace := func(a, b result) int { return place(a.Name) - place(b.Name) }
	slices.SortStableFunc(results, byPlace)
	slices.SortStableFunc(grown, byPlace)
	raw, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	text := string(raw)
	if len(results) > 0 {
		var times string
		text, err = replace(text, "results", func(before string) string {
			tables := table(results, place, before)
			times, _, _ = strings.Cut(tables, firstTitle)
			return tables
		})
		if err != nil {
			return err
		}
		img, err := picture(lines(times))
		if err != nil {
			return err
		}
		if err := save("ratios.png", img); err != nil {
			return err
		}
	}
	if len(grown) > 0 {
		plots, err := growth(grown)
		if err != nil {
			return err
		}
		if text, err = replace(text, "growth", func(string) string { return plots }); err != nil {
			return err
		}
	}
	return renameio.WriteFile(document, []byte(text), 0o644)
}

func read(folder string) ([]result, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	var list []result
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var r result
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, r)
	}
	return list, nil
}

// replace puts another section between its two marks, made from the one that stands there.
func replace(text, name string, with func(before string) string) (string, error) {
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	head, rest, begins := strings.Cut(text, begin)
	before, tail, ends := strings.Cut(rest, end)
	if !begins || !ends {
		return "", fmt.Errorf("%s lacks the marks of %s", document, name)
	}
	return head + begin + "\n" + with(before) + "\n" + end + tail, nil
}

// when says where a run was made: the first to the last date, the machine and the commands.
func when(results []result) string {
	first, last := results[0].Date, results[0].Date
	versions, commands := map[string]bool{}, map[string]bool{}
	for _, r := range results {
		first, last = min(first, r.Date), max(last, r.Date)
		commands["`"+r.Command+"`"] = true
		for _, s := range r.Sides {
			if s.Version != "" {
				versions[s.Version] = true
			}
		}
	}
	m := results[0].Machine
	line := fmt.Sprintf("%s to %s (UTC), %d threads of %s", strings.Replace(first, "T", " ", 1), last[len(last)-5:], m.Threads, m.Processor)
	if len(versions) > 0 {
		line += "; " + strings.Join(slices.Sorted(maps.Keys(versions)), ", ")
	}
	return line + "; " + strings.Join(slices.Sorted(maps.Keys(commands)), ", ") + "."
}

// table has a row for each result and, where only some workloads were run, the rows that before has of the others.
func table(results []result, place func(name string) int, before string) string {
	timesBefore, firstBefore, _ := strings.Cut(before, firstTitle)
	var times, first []line
	for _, r := range results {
		var b strings.Builder
		for _, s := range sides {
			fmt.Fprintf(&b, " %s |", step(r.Sides[s.id].Seconds))
		}
		fmt.Fprintf(&b, " %s | %s | %s |", ratio(r, "eager", "compile"), ratio(r, "jax"), aim(r.Name))
		times = append(times, line{r.Name, b.String()})
		b.Reset()
		for _, s := range sides {
			if v, ok := r.Sides[s.id]; ok {
				fmt.Fprintf(&b, " %s, %.2g GB |", duration(v.First), v.Memory/1e9)
			} else {
				b.WriteString(" |")
			}
		}
		if r.Sides["genlab"].First > 0 {
			first = append(first, line{r.Name, b.String()})
		}
	}
	times, kept := complete(times, timesBefore, place)
	first, _ = complete(first, firstBefore, place)

	var b strings.Builder
	b.WriteString(when(results))
	if kept != nil {
		fmt.Fprintf(&b, " Of an earlier run: %s.", strings.Join(kept, ", "))
	}
	b.WriteString("\n\n| workload | genlab | PyTorch | PyTorch compiled | JAX | PyTorch's better / genlab | JAX / genlab | aimed at |\n|" + strings.Repeat(" --- |", 8) + "\n")
	for _, l := range times {
		fmt.Fprintf(&b, "| %s |%s\n", l.name, l.cells)
	}
	b.WriteString("\n![How many times as long as genlab the others take](images/ratios.png)\n")
	b.WriteString("\n" + firstTitle + "\n\n| workload | genlab | PyTorch | PyTorch compiled | JAX |\n|" + strings.Repeat(" --- |", 5) + "\n")
	for _, l := range first {
		fmt.Fprintf(&b, "| %s |%s\n", l.name, l.cells)
	}
	if p := peak(results); p != "" {
		b.WriteString("\n" + peakTitle + p + ".\n")
	} else if i := strings.Index(firstBefore, peakTitle); i >= 0 {
		b.WriteString("\n" + strings.TrimSpace(firstBefore[i:]) + "\n")
	}
	return b.String()
}

const (
	firstTitle = "The first step, which compiles, and the process's peak memory:"
	peakTitle  = "The machine's peak in the run that measured it, by the best of all sides: "
)

// line is a row of a table: a workload, and its cells as they stand.
type line struct{ name, cells string }

// lines finds the rows of a table.
func lines(table string) []line {
	var list []line
	for text := range strings.Lines(table) {
		name, cells, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "| "), " |")
		if ok && strings.HasPrefix(text, "| ") && name != "workload" && name != "---" {
			list = append(list, line{name, cells})
		}
	}
	return list
}

// complete adds the rows of a table before whose workloads are none of list's, and names them.
func complete(list []line, before string, place func(name string) int) (all []line, kept []string) {
	all = list
	for _, l := range lines(before) {
		if !slices.ContainsFunc(list, func(new line) bool { return new.name == l.name }) {
			all, kept = append(all, l), append(kept, l.name)
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return place(a.name) - place(b.name) })
	return all, kept
}

// peak says what the machine's own workloads amount to; nothing where they weren't run.
func peak(results []result) string {
	best := func(r result) float64 {
		least := math.Inf(1)
		for _, s := range r.Sides {
			if s.Seconds.Median > 0 {
				least = min(least, s.Seconds.Median)
			}
		}
		return least
	}
	var parts []string
	for _, r := range results {
		n := float64(r.Sizes["n"])
		switch r.Name {
		case "matmul":
			parts = append(parts, fmt.Sprintf("%.0f GFLOP/s in a product of matrices", 2*n*n*n/best(r)/1e9))
		case "copy":
			parts = append(parts, fmt.Sprintf("%.1f GB/s read and written", 8*n/best(r)/1e9))
		}
	}
	return strings.Join(parts, ", ")
}

func step(m median) string {
	switch {
	case m.Refused != "":
		return fmt.Sprintf("refused: %s to %s", duration(m.Low), duration(m.High))
	case m.Median == 0:
		return ""
	}
	return fmt.Sprintf("%s ±%.0f%%", duration(m.Median), 50*(m.High-m.Low)/m.Median)
}

func duration(seconds float64) string {
	switch {
	case seconds < 1:
		return fmt.Sprintf("%.3g ms", 1e3*seconds)
	case seconds < 99.5:
		return fmt.Sprintf("%.3g s", seconds)
	}
	return fmt.Sprintf("%.0f s", seconds)
}

// ratio is that of the fastest of some sides; above one is genlab ahead.
func ratio(r result, ids ...string) string {
	var best median
	for _, id := range ids {
		if m := r.Sides[id].Ratio; m.Median > 0 && (best.Median == 0 || m.Median < best.Median) {
			best = m
		}
	}
	switch {
	case best.Refused != "":
		return fmt.Sprintf("refused: %.2f to %.2f", best.Low, best.High)
	case best.Median == 0:
		return ""
	}
	return fmt.Sprintf("**%.2f** (%.2f to %.2f)", best.Median, best.Low, best.High)
}

// growth draws each size's plot and tabulates the fitted exponents.
func growth(grown []result) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nTime grows as the size to the power of (fit over the upper half of the sizes; in brackets the peak memory's):\n\n", when(grown))
	b.WriteString("| workload | size | from, to | genlab | PyTorch | JAX | first step, genlab | JAX |\n|" + strings.Repeat(" --- |", 8) + "\n")
	for _, r := range grown {
		for _, axis := range slices.Sorted(maps.Keys(r.Axes)) {
			points := r.Axes[axis]
			if len(points) < 2 {
				continue
			}
			fmt.Fprintf(&b, "| %s | %s | %g, %g |", r.Name, axis, points[0].Value, points[len(points)-1].Value)
			series := func(id string, value func(row) float64) (x, y []float64) {
				for _, p := range points {
					if s, ok := p.Sides[id]; ok && value(s) > 0 {
						x, y = append(x, p.Value), append(y, value(s))
					}
				}
				return x, y
			}
			seconds := func(s row) float64 { return s.Seconds.Median }
			var curves []viz.Curve
			for _, s := range sides {
				if s.id == "compile" {
					continue
				}
				x, y := series(s.id, seconds)
				if len(x) < 2 {
					b.WriteString(" |")
					continue
				}
				curves = append(curves, viz.Curve{Name: s.name, X: x, Y: y})
				_, memory := series(s.id, func(s row) float64 { return s.Memory })
				fmt.Fprintf(&b, " %s (%s) |", exponent(x, y), exponent(x, memory))
			}
			for _, id := range []string{"genlab", "jax"} {
				x, first := series(id, func(s row) float64 { return s.First })
				fmt.Fprintf(&b, " %s |", exponent(x, first))
			}
			b.WriteString("\n")
			img := viz.Curves(curves, viz.PlotConfig{Title: r.Name, X: axis, Y: "seconds a step", LogX: true, LogY: true})
			if err := save(fmt.Sprintf("growth-%s-%s.png", r.Name, axis), img); err != nil {
				return "", err
			}
		}
	}
	b.WriteString("\n")
	for _, r := range grown {
		for _, axis := range slices.Sorted(maps.Keys(r.Axes)) {
			if len(r.Axes[axis]) >= 2 {
				fmt.Fprintf(&b, "![%s over %s](images/growth-%s-%s.png)\n", r.Name, axis, r.Name, axis)
			}
		}
	}
	return b.String(), nil
}

func save(name string, img image.Image) error {
	if img == nil {
		return errors.New("no picture of " + name)
	}
	return viz.Save(filepath.Join(pictures, name), img)
}

// exponent fits y = c·x^a to the upper half of the points by least squares of the logarithms and gives a.
func exponent(x, y []float64) string {
	n := len(x)
	if n < 2 || len(y) != n {
		return ""
	}
	from := min(n/2, n-2)
	if n-from < 3 && n >= 3 {
		from = n - 3
	}
	var mx, my, xx, xy float64
	for i := from; i < n; i++ {
		mx += math.Log(x[i]) / float64(n-from)
		my += math.Log(y[i]) / float64(n-from)
	}
	for i := from; i < n; i++ {
		dx := math.Log(x[i]) - mx
		xx += dx * dx
		xy += dx * (math.Log(y[i]) - my)
	}
	return fmt.Sprintf("%.2f", xy/xx)
}
