// Package augment has the command that measures whether more pictures, or texts, help a classifier that has few.
package augment

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/stat"

	"genlab/lib/augment"
	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/data/medmnist"
	"genlab/lib/data/mnist"
	"genlab/lib/viz"
)

// comparing is what `augment pictures` takes.
type comparing struct {
	augment.PictureConfig
	Data string `flag:"data" help:"mnist, or an .npz of MedMNIST's form"`
}

// New makes `genlab augment`.
func New() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "augment WHAT",
		Short: "Measure whether widening a scarce set helps a classifier",
		Long: `Measure whether widening a scarce set helps a classifier: each way of widening trains the same small classifier by several seeds, all are
measured on one test set, and the table says what came out, with 95 % intervals.`,
	}
	cmd.AddCommand(newPictures())
	return cmd
}

func newPictures() *cobra.Command {
	c := comparing{PictureConfig: augment.DefaultPictures(), Data: "mnist"}
	cmd := &cobra.Command{
		Use:   "pictures",
		Short: "Widen few pictures by changing them, and by GANs",
		Long: `Widen few pictures by changing them, and by GANs that learn from the same few: ` + strings.Join(augment.PictureArms, ", ") + `.
"nothing" shows the pictures as they come, all others show the classes equally often; so on sets with as many of each class "oversample" is
"nothing". Medical pictures are to be had from https://medmnist.com, such as pneumoniamnist.npz. What the run has already isn't done again.`,
		Example: `  genlab augment pictures --a-class 10,20,50,100 --fill 200
  genlab augment pictures --data pneumoniamnist.npz --a-class 0 --fill 3494 --arms nothing,oversample,classic,dcgan,classic+dcgan --run runs/x-rays
  genlab augment pictures --a-class 20 --arms nothing,dcgan --fill 40,100,400    # how the gain goes with what is made`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		learn, test, about, err := open(c.Data)
		if err != nil {
			return err
		}
		cmd.Printf("%s\nto learn from: %v a class, to measure by: %v\n", about, learn.Counts(), test.Counts())
		scores, err := augment.ComparePictures(cmd.Context(), c.PictureConfig, learn, test, func(s augment.Scored, before bool) {
			if !before {
				cmd.PrintErrf("%s, %d a class%s, seed %d: balanced accuracy %.4f, AUROC %.4f\n", s.Arm, s.PerClass, filled(s.Fill), s.Seed, s.BalancedAccuracy, s.ROCAUC)
			}
		})
		if err != nil {
			return err
		}
		rows, err := augment.Table(scores)
		if err != nil {
			return err
		}
		if err := print(cmd.OutOrStdout(), rows); err != nil {
			return err
		}
		return c.draw(cmd, scores, learn, test)
	}
	return cmd
}

func filled(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" filled up to %d", n)
}

// open reads what is to be learned from and what is to be measured by, and says what it is.
func open(data string) (learn, test augment.Pictures, about string, err error) {
	var sets [2]*images.Set
	if data == "mnist" {
		digits, err := mnist.Load(mnist.Config{})
		if err != nil {
			return learn, test, "", err
		}
		about = "MNIST"
		for i, split := range []*mnist.Split{digits.Train, digits.Test} {
			if sets[i], err = images.MNIST(split, augment.Size); err != nil {
				return learn, test, "", err
			}
		}
	} else {
		d, err := medmnist.Read(data)
		if err != nil {
			return learn, test, "", fmt.Errorf("--data: %w", err)
		}
		about = fmt.Sprintf("%s: %d classes, %d×%d×%d, SHA-256 %s", data, d.Classes, d.Size, d.Size, d.Channels, d.SHA256)
		for i, split := range []*medmnist.Split{d.Train, d.Test} {
			if sets[i], err = split.Set(augment.Size); err != nil {
				return learn, test, "", err
			}
		}
	}
	if learn, err = augment.FromSet(sets[0]); err != nil {
		return learn, test, "", err
	}
	test, err = augment.FromSet(sets[1])
	return learn, test, about, err
}

// print writes the table.
func print(w io.Writer, rows []augment.Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "A CLASS\tARM\tFILLED TO\tBALANCED ACCURACY\tGAIN\tAUROC\tGAIN")
	for _, r := range rows {
		perClass, fill := fmt.Sprint(r.PerClass), fmt.Sprint(r.Fill)
		if r.PerClass == 0 {
			perClass = "all"
		}
		if r.Fill == 0 {
			fill = ""
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%+.4f ± %.4f\t%s\t%+.4f ± %.4f\n", perClass, r.Arm, fill, r.BalancedAccuracy, r.AccuracyGain.Mean, r.AccuracyGain.Half,
			r.ROCAUC, r.AreaGain.Mean, r.AreaGain.Half)
	}
	return t.Flush()
}

// draw draws made pictures above the nearest of those that their maker learned from, for the first seed of each maker, and says how far they
// are from one another.
func (c comparing) draw(cmd *cobra.Command, scores []augment.Scored, learn, test augment.Pictures) error {
	drawn := map[string]bool{}
	for _, s := range scores {
		maker := augment.MakerOf(s.Arm)
		path := filepath.Join(c.Run, "pictures", fmt.Sprintf("%s-%d.png", maker, s.PerClass))
		if maker == "" || s.Seed != 1 || drawn[path] {
			continue
		}
		drawn[path] = true
		near, err := c.Nearest(cmd.Context(), s.Cell, learn, test)
		if err != nil {
			return err
		}
		all := len(near.Made.Pixels)
		if all == 0 {
			continue
		}
		places := make([]int, min(16, all))
		for i := range places {
			places[i] = i * all / len(places)
		}
		made, nearest := near.Rows(places)
		of := func(pixels [][]float32) viz.Images {
			return viz.Images{Pixels: pixels, Height: augment.Size, Width: augment.Size, Channels: learn.Channels}
		}
		if err := viz.Save(path, viz.Compare([]viz.Row{{Name: "made", Images: of(made)}, {Name: "nearest", Images: of(nearest)}}, 8)); err != nil {
			return err
		}
		cmd.Printf("from the nearest of %s's pictures: %.2f for those it made, %.2f for test pictures, on average; picture: %s\n",
			maker, stat.Mean(near.Distances, nil), stat.Mean(near.Held, nil), path)
	}
	return nil
}
