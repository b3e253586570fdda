package benchmark

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"genlab/bench"
)

// comparing is `genlab bench --against`.
type comparing struct {
	with string  // a revision or a folder
	loss float64 // allowed, as a share of the time before
}

// lost is a workload that takes longer than is allowed.
type lost []string

func (l lost) Error() string {
	return "slower than --loss allows: " + strings.Join(l, ", ")
}

func (c comparing) run(cmd *cobra.Command, names []string, sizes map[string]int, rounds int, asJSON bool) error {
	switch {
	case len(names) == 0:
		return errors.New("--against needs workloads, such as vae gpt: genlab bench lists them")
	case rounds < 5:
		return fmt.Errorf("--rounds is %d: it must be at least 5 with --against", rounds)
	case !(c.loss >= 0):
		return fmt.Errorf("--loss is %g: it must be at least 0, such as 0.05", c.loss)
	}
	for _, name := range names {
		if w, err := find(name); err != nil {
			return err
		} else if _, err := w.WithSizes(sizes); err != nil {
			return err
		}
	}
	ctx := cmd.Context()
	dir, err := os.MkdirTemp("", "genlab-against-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	before, now := filepath.Join(dir, "before"), filepath.Join(dir, "now")
	if err := build(ctx, ".", now); err != nil {
		return err
	}
	if err := c.buildBefore(ctx, filepath.Join(dir, "checkout"), before); err != nil {
		return err
	}
	var args []string
	for _, size := range slices.Sorted(maps.Keys(sizes)) {
		args = append(args, "--set", fmt.Sprintf("%s=%d", size, sizes[size]))
	}
	var slower lost
	list := []bench.Comparison{}
	for _, name := range names {
		got, err := bench.Against(ctx, before, now, name, args, rounds, 0.5)
		if err != nil {
			return err
		}
		list = append(list, got)
		if got.Ratio > 1+c.loss {
			slower = append(slower, fmt.Sprintf("%s, %.3g times (%.3g to %.3g)", name, got.Ratio, got.Low, got.High))
		}
	}
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(list)
	} else {
		err = table(cmd, list)
	}
	if err == nil && slower != nil {
		return slower
	}
	return err
}

func table(cmd *cobra.Command, list []bench.Comparison) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "workload\tbefore\tnow\tnow / before\tfirst step\tmemory\tresults apart")
	for _, c := range list {
		fmt.Fprintf(w, "%s\t%.3g ms\t%.3g ms\t%.3g (%.3g to %.3g)\t%.3g s, %.3g s\t%.2f GB, %.2f GB\t%.2g\n", c.Name, 1e3*c.Before.Step, 1e3*c.Now.Step,
			c.Ratio, c.Low, c.High, c.Before.First, c.Now.First, float64(c.Before.Memory)/1e9, float64(c.Now.Memory)/1e9, c.Difference)
	}
	return w.Flush()
}

// buildBefore builds the other checkout's command: of a folder as it stands, of a revision in a work tree that goes again.
func (c comparing) buildBefore(ctx context.Context, tree, program string) (err error) {
	if info, err := os.Stat(c.with); err == nil && info.IsDir() {
		return build(ctx, c.with, program)
	}
	if err := output(ctx, ".", "git", "rev-parse", "--verify", "--quiet", c.with+"^{commit}"); err != nil {
		return fmt.Errorf("--against is %q: it must be a revision that Git knows here, such as main, or another checkout's folder", c.with)
	}
	if err := output(ctx, ".", "git", "worktree", "add", "--quiet", "--detach", tree, c.with); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, output(context.WithoutCancel(ctx), ".", "git", "worktree", "remove", "--force", tree))
	}()
	return build(ctx, tree, program)
}

// build builds a checkout's command.
func build(ctx context.Context, checkout, program string) error {
	if _, err := os.Stat(filepath.Join(checkout, "cmd", "genlab")); err != nil {
		return fmt.Errorf("%s is no checkout of genlab: --against compares this one with another, from the checkout's root", checkout)
	}
	return output(ctx, checkout, "go", "build", "-o", program, "./cmd/genlab")
}

// output runs a program in a folder; an error has what it said.
func output(ctx context.Context, dir, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(append([]string{program}, args...), " "), err, strings.TrimSpace(string(said)))
	}
	return nil
}
