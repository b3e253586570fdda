package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"genlab/lib/spec"
)

type size struct {
	Hidden int `json:"hidden_dim" flag:"hidden" help:"width"`
	Layers int `json:"layers" help:"how many"`
}

type choices struct {
	Model  size       `json:"model"`
	Rate   float64    `json:"rate" help:"learning rate"`
	WarmUp int        `json:"warm_up" help:"steps"`
	Betas  [2]float64 `json:"betas" help:"two"`
	Names  []string   `json:"names" help:"some"`
	Every  time.Duration
	Wait   time.Duration `flag:"wait" help:"how long"`
	Loud   bool          `flag:"loud" short:"l" help:"say more"`
}

// configured runs a command line and returns what the config became.
func configured(t *testing.T, args ...string) (choices, error) {
	t.Helper()
	c := choices{Model: size{1, 2}, Rate: 1e-3, Betas: [2]float64{0.9, 0.999}}
	cmd := &cobra.Command{Use: "x", SilenceErrors: true, SilenceUsage: true}
	configure := Configure(cmd, &c, &c.Model, []spec.Preset{{Name: "default", Config: size{1, 2}}, {Name: "wide", About: "more", Config: size{100, 200}}})
	cmd.RunE = func(*cobra.Command, []string) error { return configure() }
	cmd.SetArgs(args)
	err := cmd.Execute()
	return c, err
}

// TestConfigure wants a preset first, then the file, then the flags, in whatever order they are given.
func TestConfigure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(file, []byte(`{"model": {"layers": 7}, "rate": 0.5, "warm_up": 9}`), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := configured(t, "--rate", "2e-3", "--hidden", "3", "--config", file, "--preset", "wide", "--betas", "0.5,0.9", "--names", "a,b", "--wait", "3s", "-l")
	if err != nil {
		t.Fatal(err)
	}
	if c.Model != (size{3, 7}) || c.Rate != 2e-3 || c.WarmUp != 9 || c.Betas != [2]float64{0.5, 0.9} || len(c.Names) != 2 || c.Wait != 3*time.Second || !c.Loud {
		t.Errorf("%+v", c)
	}
	if c, err := configured(t); err != nil || c.Model != (size{1, 2}) || c.Rate != 1e-3 {
		t.Errorf("without flags: %+v, %v", c, err)
	}
}

func TestConfigureRefusals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(file, []byte(`{"model": {"depth": 7}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		`--preset is "huge"`:    {"--preset", "huge"},
		"must be a number":      {"--hidden", "many"},
		"has no model.depth":    {"--config", file},
		"no such file":          {"--config", file + "x"},
		"must be 2 values":      {"--betas", "1"},
		"neither true nor":      {"--loud=perhaps"},
		"invalid duration":      {"--wait", "long"},
		"unknown flag: --every": {"--every", "1s"},
	} {
		if _, err := configured(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
