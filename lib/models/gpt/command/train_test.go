package command

import (
	"testing"

	"github.com/spf13/cobra"

	"genlab/lib/models/gpt"
)

// Flags change the preset; where keys are shared, two heads of queries share each, however many --heads asks for.
func TestHeads(t *testing.T) {
	for _, c := range []struct {
		args           []string
		heads, kvHeads int
	}{
		{nil, 4, 0},
		{[]string{"--heads", "8"}, 8, 0},
		{[]string{"--preset", "modern"}, 4, 2},
		{[]string{"--preset", "modern", "--heads", "8"}, 8, 4},
		{[]string{"--preset", "modern", "--heads", "1"}, 1, 1},
	} {
		training, cmd := training{TrainConfig: gpt.Recipe()}, &cobra.Command{}
		configure := training.flags(cmd)
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if err := configure(); err != nil {
			t.Fatal(err)
		}
		if m := training.Model; m.Heads != c.heads || m.KVHeads != c.kvHeads {
			t.Errorf("%v: %d heads, %d of keys, want %d and %d", c.args, m.Heads, m.KVHeads, c.heads, c.kvHeads)
		}
	}
}
