package benchmark

import (
	"io"
	"strings"
	"testing"
)

// TestAgainstRefuses wants an error that says what to give, before anything is built.
func TestAgainstRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"--against main":                          "needs workloads",
		"nothing --against main":                  `workload "nothing"`,
		"vae --against main --rounds 2":           "--rounds is 2: it must be at least 5",
		"vae --against main --loss -1":            "--loss is -1: it must be at least 0",
		"vae --against main --set breadth=1":      `no size "breadth"`,
		"vae gpt":                                 "2 workloads without --against",
		"vae --against no-such-revision-anywhere": "no checkout of genlab",
	} {
		cmd := New()
		cmd.SetArgs(strings.Fields(args))
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", args, err, want)
		}
	}
}
