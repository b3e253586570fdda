package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// genlab runs a command line in this process.
func genlab(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"models", exitOK, "vae", ""},
		{"--help", exitOK, "genlab train vae", ""},
		{"--version", exitOK, version, ""},
		{"completion bash", exitOK, "genlab", ""},
		{"bogus", exitUsage, "", "genlab: unknown command"},
		{"models extra", exitUsage, "", "see: genlab models --help"},
		{"setup --nonsense", exitUsage, "", "see: genlab setup --help"},
		{"sample vea", exitUsage, "", `unknown command "vea"`},
		{"train", exitOK, "translator", ""},
		{"kernel run", exitUsage, "", "accepts 1 arg"},
		{"setup --cuda --release", exitUsage, "", "if any flags in the group"},
	} {
		code, stdout, stderr := genlab(t.Context(), strings.Fields(c.args)...)
		if !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("genlab %s prints %q, %q", c.args, stdout, stderr)
		}
		if code != c.code {
			t.Errorf("genlab %s exits with %d, not %d", c.args, code, c.code)
		}
	}
}

// TestEveryCommandHasHelp wants a line in the list for each subcommand.
func TestEveryCommandHasHelp(t *testing.T) {
	for _, c := range commands() {
		if c.Short == "" {
			t.Errorf("genlab %s has no short help", c.Name())
		}
	}
}

// TestNames wants no two commands of one name in one place: cobra would run either.
func TestNames(t *testing.T) {
	var look func(cmd *cobra.Command)
	look = func(cmd *cobra.Command) {
		seen := map[string]bool{}
		for _, c := range cmd.Commands() {
			if seen[c.Name()] {
				t.Errorf("%s has two commands %s", cmd.CommandPath(), c.Name())
			}
			seen[c.Name()] = true
			look(c)
		}
	}
	look(newRootCmd(new(bool)))
}
