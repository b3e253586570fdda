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
