package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/vit"
)

// looking is what `classify vit` takes.
type looking struct {
	Run    string `flag:"run" help:"the run's directory"`
	Number int    `flag:"number" short:"n" help:"how many test digits to look at"`
	Top    int    `flag:"top" help:"classes to name for each"`
	Data   string `flag:"data" help:"folder of IDX files, gzipped or not (default the MNIST that comes with genlab)"`
}

func newClassify() *cobra.Command {
	c := looking{Run: vit.Recipe().Run, Number: 10, Top: 3}
	cmd := &cobra.Command{
		Use:     "vit",
		Short:   "Tell the classes of test digits with a trained Vision Transformer",
		Example: "  genlab classify vit --run runs/vit -n 20",
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.run(cmd) }
	return cmd
}

func (c *looking) run(cmd *cobra.Command) error {
	if c.Number < 1 {
		return fmt.Errorf("--number is %d: it must be at least 1", c.Number)
	}
	if c.Top < 1 {
		return fmt.Errorf("--top is %d: it must be at least 1", c.Top)
	}
	m, err := vit.Open(c.Run)
	if err != nil {
		return err
	}
	digits, err := mnist.Load(mnist.Config{Dir: c.Data})
	if err != nil {
		return err
	}
	set, err := images.MNIST(digits.Test, m.Config.ImageSize)
	if err != nil {
		return err
	}
	n := min(c.Number, set.Len())
	pictures, err := set.Floats(0, n)
	if err != nil {
		return err
	}
	probabilities, err := m.Classify(cmd.Context(), pictures)
	if err != nil {
		return err
	}
	right := 0
	for i, p := range probabilities {
		if vit.Best(p) == set.Label(i) {
			right++
		}
		cmd.Printf("digit %d, a %s: %s\n", i, set.Classes[set.Label(i)], likeliest(p, set.Classes, c.Top))
	}
	cmd.Printf("%d of %d told right\n", right, n)
	return nil
}

// likeliest names the classes of the greatest probabilities, such as "7 99.8 %, 9 0.1 %".
func likeliest(probabilities []float32, classes []string, top int) string {
	order := make([]int, len(probabilities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probabilities[b], probabilities[a]) })
	var list []string
	for _, class := range order[:min(top, len(order))] {
		list = append(list, fmt.Sprintf("%s %.1f %%", classes[class], 100*probabilities[class]))
	}
	return strings.Join(list, ", ")
}
