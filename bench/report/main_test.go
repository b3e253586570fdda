package main

import (
	"strings"
	"testing"
)

// A run of some workloads leaves the rows of the others.
func TestTableKeepsRows(t *testing.T) {
	measured := func(name string, seconds float64) result {
		return result{Name: name, Date: "2026-01-01T10:00", Sides: map[string]row{"genlab": {Seconds: median{Median: seconds}, First: 1}}}
	}
	place := func(name string) int { return strings.Index("vae rnn gpt", name) }
	all := table([]result{measured("vae", 1), measured("rnn", 2), measured("gpt", 3)}, place, "")
	some := table([]result{measured("rnn", 5)}, place, all)
	times, first, _ := strings.Cut(some, firstTitle)
	for _, part := range []string{times, first} {
		vae, rnn, gpt := strings.Index(part, "\n| vae |"), strings.Index(part, "\n| rnn |"), strings.Index(part, "\n| gpt |")
		if vae < 0 || rnn < vae || gpt < rnn || strings.Count(part, "| rnn |") != 1 {
			t.Errorf("want a row of each, in order:\n%s", part)
		}
	}
	if !strings.Contains(times, "| rnn | 5 s") || !strings.Contains(times, "Of an earlier run: vae, gpt.") {
		t.Errorf("want the new time, and which rows are older:\n%s", times)
	}
}

// The picture has a point for each ratio that a row tells, and none for one refused.
func TestPicture(t *testing.T) {
	img, err := picture(lines("| vae | 1 s | 2 s | 3 s | 2 s | **2.00** (1.90 to 2.10) | **1.10** (1.00 to 1.20) | 1 |\n" +
		"| cell | 1 s |  |  |  |  |  |  |\n| rnn | 1 s | 5 s | 6 s | | **5.00** (4.00 to 6.00) | refused: 0.50 to 2.00 | 1 |\n"))
	if err != nil || img.Bounds().Empty() {
		t.Fatalf("%v, %v", img, err)
	}
}
