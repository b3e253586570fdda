package command

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"genlab/lib/command"
	"genlab/lib/data/mnist"
	"genlab/lib/metrics"
	"genlab/lib/models/vae"
	"genlab/lib/train"
)

// comparing is what `measure features` takes.
type comparing struct {
	Dims       []int    `flag:"dims" help:"numbers of features to compare at"`
	Seeds      int      `flag:"seeds" help:"trainings of each network"`
	Epochs     int      `flag:"epochs" help:"epochs of each training"`
	Examples   int      `flag:"examples" help:"digits to learn, of 60,000"`
	Test       int      `flag:"validation" help:"test digits to tell, of 10,000"`
	Neighbours int      `flag:"neighbours" help:"nearest neighbours that vote"`
	Networks   []string `flag:"networks" help:"of plain, vae, beta and convolutional"`
	Run        string   `flag:"run" help:"folder for the trainings (default none is kept)"`
}

// networks are what is compared with principal components, by name.
var networks = map[string]func() vae.TrainConfig{
	"plain": func() vae.TrainConfig { c := vae.Recipe(); c.Plain = true; return c },
	"vae":   vae.Recipe,
	"beta":  func() vae.TrainConfig { c := vae.Recipe(); c.Beta = 4; return c },
	"convolutional": func() vae.TrainConfig {
		c := vae.Recipe()
		c.Model = vae.Convolutional()
		c.Model.Widths = []int{16, 32}
		return c
	},
}

func newFeatures() *cobra.Command {
	c := comparing{
		Dims: []int{2, 8, 32}, Seeds: 3, Epochs: 10, Examples: 10000, Test: 2000, Neighbours: 5, Networks: []string{"plain", "vae", "beta", "convolutional"},
	}
	cmd := &cobra.Command{
		Use:   "features",
		Short: "Compare an autoencoder's features with principal components, on MNIST",
		Long: `Compare an autoencoder's features with principal components, on MNIST, at the same numbers of dimensions: the mean square of what is lost of a
pixel in [0, 1], and the part of the test digits that nearest neighbours and a linear probe (logistic regression) tell right by the features alone;
means over seeds, with 95 % intervals. Active dimensions are those whose mean varies by more than 0.01 over the digits.
Features are standardised for neither: they are taken as they come.`,
		Example: `  genlab measure features                                 # a quarter of an hour on two cores
  genlab measure features --dims 2,4,8,16,32,64 --examples 60000 --validation 10000 --epochs 20 --run runs/features`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.measure(cmd) }
	return cmd
}

// told is what features are worth: one number a measure, in the order of [measures].
type told [4]float64

// measures are the columns of the table.
var measures = [...]string{"lost a pixel", "neighbours", "linear probe", "active"}

func (c comparing) measure(cmd *cobra.Command) error {
	for _, name := range c.Networks {
		if networks[name] == nil {
			return fmt.Errorf("--networks has %q: it must be of plain, vae, beta and convolutional", name)
		}
	}
	if c.Seeds < 1 || c.Epochs < 1 {
		return fmt.Errorf("--seeds is %d and --epochs %d: they must be at least 1", c.Seeds, c.Epochs)
	}
	all, err := mnist.Load(mnist.Config{})
	if err != nil {
		return err
	}
	learn, err := all.Train.Slice(0, c.Examples)
	if err != nil {
		return fmt.Errorf("--examples: %w", err)
	}
	test, err := all.Test.Slice(0, c.Test)
	if err != nil {
		return fmt.Errorf("--validation: %w", err)
	}
	root := c.Run
	if root == "" {
		if root, err = os.MkdirTemp("", "genlab-features-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(root) }() // the system clears it otherwise
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "FEATURES\tDIMENSIONS\tLOST A PIXEL\tNEIGHBOURS\tLINEAR PROBE\tACTIVE\n")
	for _, dims := range c.Dims {
		one, err := c.principal(learn, test, dims)
		if err != nil {
			return err
		}
		row(w, "PCA", dims, []told{one})
		for _, name := range c.Networks {
			var seeds []told
			for seed := 1; seed <= c.Seeds; seed++ {
				one, err := c.network(cmd.Context(), name, learn, test, dims, seed, filepath.Join(root, fmt.Sprintf("%s-%d-%d", name, dims, seed)))
				if err != nil {
					return fmt.Errorf("%s of %d dimensions: %w", name, dims, err)
				}
				cmd.PrintErrf("%s, %d dimensions, seed %d: neighbours %.3f, probe %.3f\n", name, dims, seed, one[1], one[2])
				seeds = append(seeds, one)
			}
			row(w, name, dims, seeds)
		}
	}
	return w.Flush()
}

// row prints means over seeds, and half of their intervals of 95 % where there are several.
func row(w *tabwriter.Writer, name string, dims int, seeds []told) {
	fmt.Fprintf(w, "%s\t%d", name, dims)
	for k := range measures {
		var values []float64
		for _, s := range seeds {
			values = append(values, s[k])
		}
		mean := stat.Mean(values, nil)
		fmt.Fprintf(w, "\t%.4f", mean)
		if n := float64(len(values)); n > 1 {
			fmt.Fprintf(w, " ± %.4f", distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)*stat.StdDev(values, nil)/math.Sqrt(n))
		}
	}
	fmt.Fprintln(w)
}

// principal are as many principal components.
func (c comparing) principal(learn, test *mnist.Split, dims int) (told, error) {
	known, asked := doubles(learn.Floats()), doubles(test.Floats())
	p, err := metrics.NewPCA(known, dims)
	if err != nil {
		return told{}, err
	}
	z, err := p.Transform(known)
	if err != nil {
		return told{}, err
	}
	zTest, err := p.Transform(asked)
	if err != nil {
		return told{}, err
	}
	back, err := p.Inverse(zTest)
	if err != nil {
		return told{}, err
	}
	return c.judge(z, zTest, lost(asked, back), learn, test)
}

// network trains an autoencoder and takes the means of its latent distributions.
func (c comparing) network(ctx context.Context, name string, learn, test *mnist.Split, dims, seed int, run string) (told, error) {
	cfg := networks[name]()
	cfg.Model.LatentDim, cfg.Seed = dims, uint64(seed)
	cfg.Options = train.Options{Run: run, Epochs: c.Epochs, Watch: func(train.Progress) {}}
	batches, err := learn.Batches(mnist.BatchConfig{Size: 128, Seed: cfg.Seed, Shuffle: true, DropLast: true})
	if err != nil {
		return told{}, err
	}
	m, err := vae.Train(ctx, cfg, batches)
	if err != nil {
		return told{}, err
	}
	z, _, err := m.Encode(ctx, learn.Floats())
	if err != nil {
		return told{}, err
	}
	zTest, _, err := m.Encode(ctx, test.Floats())
	if err != nil {
		return told{}, err
	}
	back, err := m.Decode(ctx, zTest)
	if err != nil {
		return told{}, err
	}
	return c.judge(doubles(z), doubles(zTest), lost(doubles(test.Floats()), doubles(back)), learn, test)
}

// judge tells the test digits by their features.
func (c comparing) judge(z, zTest [][]float64, lost float64, learn, test *mnist.Split) (told, error) {
	known, asked := ints(learn.Labels), ints(test.Labels)
	byNeighbours, err := metrics.Neighbours(floats(z), known, floats(zTest), c.Neighbours)
	if err != nil {
		return told{}, err
	}
	neighbours, err := metrics.Accuracy(byNeighbours, asked)
	if err != nil {
		return told{}, err
	}
	probe, err := metrics.NewProbe(z, known, 10)
	if err != nil {
		return told{}, err
	}
	byLines, err := probe.Classes(zTest)
	if err != nil {
		return told{}, err
	}
	lines, err := metrics.Accuracy(byLines, asked)
	active := 0.0
	for k := range z[0] {
		column := make([]float64, len(z))
		for i := range z {
			column[i] = z[i][k]
		}
		if stat.PopVariance(column, nil) > 0.01 { // Burda et al., "Importance weighted autoencoders", 2016, section 5.1.3
			active++
		}
	}
	return told{lost, neighbours, lines, active}, err
}

// lost is the mean square of what comes back less what went in.
func lost(x, back [][]float64) float64 {
	var sum float64
	for i, row := range x {
		for j, v := range row {
			sum += (v - back[i][j]) * (v - back[i][j])
		}
	}
	return sum / float64(len(x)*len(x[0]))
}

func doubles(rows [][]float32) [][]float64 { return convert[float32, float64](rows) }

func floats(rows [][]float64) [][]float32 { return convert[float64, float32](rows) }

func convert[A, B float32 | float64](rows [][]A) [][]B {
	list := make([][]B, len(rows))
	for i, row := range rows {
		list[i] = make([]B, len(row))
		for j, v := range row {
			list[i][j] = B(v)
		}
	}
	return list
}

func ints(labels []byte) []int {
	list := make([]int, len(labels))
	for i, l := range labels {
		list[i] = int(l)
	}
	return list
}
