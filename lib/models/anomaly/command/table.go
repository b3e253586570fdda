package command

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"genlab/lib/data/sensors"
	"genlab/lib/metrics"
	"genlab/lib/models/anomaly"
)

// folds are how often a table is split: a fold tests every fifth normal row and all anomalies, and the rest of the normal rows is learnt.
const folds = 5

// table is rows that are no series, each with its label.
type table struct {
	rows  anomaly.Rows
	meant []bool
}

func openTable(path, label string) (table, error) {
	if label == "" {
		return table{}, fmt.Errorf("--label is empty: it must be the column that is 1 for an anomaly and 0 for a normal row")
	}
	t, err := sensors.Open(path, sensors.Config{Time: "none"})
	if err != nil {
		return table{}, err
	}
	labels, err := t.Take(label)
	if err != nil {
		return table{}, err
	}
	out := table{rows: anomaly.Rows{Sensors: t.Names, Values: t.Values}}
	normal := 0
	for i, l := range labels {
		if l != 0 && l != 1 {
			return table{}, fmt.Errorf("%s is %g in row %d: it must be 1 for an anomaly and 0 for a normal row", label, l, i+1)
		}
		out.meant = append(out.meant, l == 1)
		if l == 0 {
			normal++
		}
	}
	if normal < 2*folds || normal == len(labels) {
		return table{}, fmt.Errorf("%s has %d normal rows and %d anomalies: there must be at least %d, and one", path, normal, len(labels)-normal, 2*folds)
	}
	return out, nil
}

// fold gives the rows to learn, and those to test with their labels.
func (t table) fold(k int) (learn, test anomaly.Rows, meant []bool) {
	learn.Sensors, test.Sensors = t.rows.Sensors, t.rows.Sensors
	normal := 0
	for i, row := range t.rows.Values {
		if !t.meant[i] {
			if normal++; (normal-1)%folds != k {
				learn.Values = append(learn.Values, row)
				continue
			}
		}
		test.Values, meant = append(test.Values, row), append(meant, t.meant[i])
	}
	return learn, test, meant
}

// detectors are what a table is judged by, in the order of print.
var detectors = []string{"VAE score", "VAE ELBO", "VAE IWAE", "PCA, what is lost", "Mahalanobis"}

// judgeTable prints area under the ROC curve and average precision of each detector, over the folds.
func (c measuring) judgeTable(cmd *cobra.Command, root string) error {
	t, err := openTable(c.Table, c.Label)
	if err != nil {
		return err
	}
	areas, precisions := map[string][]float64{}, map[string][]float64{}
	for k := range folds {
		learn, test, meant := t.fold(k)
		scores, err := c.tableScores(cmd.Context(), learn, test, k, filepath.Join(root, fmt.Sprintf("fold-%d", k)))
		if err != nil {
			return fmt.Errorf("fold %d: %w", k+1, err)
		}
		for _, name := range detectors {
			d, err := metrics.Detect(meant, scores[name])
			if err != nil {
				return fmt.Errorf("fold %d: %s: %w", k+1, name, err)
			}
			areas[name], precisions[name] = append(areas[name], d.ROCAUC), append(precisions[name], d.AveragePrecision)
		}
	}
	for _, name := range detectors {
		area, areaSpread := interval(areas[name])
		precision, precisionSpread := interval(precisions[name])
		cmd.Printf("%-18s AUROC %.4f ± %.4f  AP %.4f ± %.4f\n", name, area, areaSpread, precision, precisionSpread)
	}
	return nil
}

// tableScores are the detectors' scores of rows to test. Fold k's seed is k more than the config's.
func (c measuring) tableScores(ctx context.Context, learn, test anomaly.Rows, k int, run string) (map[string][]float64, error) {
	cfg := c.TrainConfig
	cfg.Run, cfg.Seed = run, cfg.Seed+uint64(k)
	m, err := anomaly.Train(ctx, cfg, learn)
	if err != nil {
		return nil, err
	}
	s, err := m.Score(ctx, test)
	if err != nil {
		return nil, err
	}
	scores := map[string][]float64{"VAE score": s.Score, "VAE ELBO": negative(s.ELBO), "VAE IWAE": negative(s.IWAE)}
	known, err := m.Scale(learn)
	if err != nil {
		return nil, err
	}
	asked, err := m.Scale(test)
	if err != nil {
		return nil, err
	}
	scores["PCA, what is lost"], scores["Mahalanobis"], err = linear(known, asked)
	return scores, err
}

// linear scores rows by what principal components of 90 % of the variance lose of them, and by the Mahalanobis distance from the mean.
func linear(known, asked [][]float64) (lost, distance []float64, err error) {
	p, err := metrics.NewPCA(known, min(len(known), len(known[0])))
	if err != nil {
		return nil, nil, err
	}
	z, err := p.Transform(asked)
	if err != nil {
		return nil, nil, err
	}
	kept, share := 0, 0.0
	for share < 0.9 {
		share += p.ExplainedRatio[kept]
		kept++
	}
	for _, row := range z {
		var square, scaled float64
		for k, v := range row {
			if k >= kept {
				square += v * v
			}
			if p.ExplainedVariance[k] > 1e-9*p.ExplainedVariance[0] { // else a direction in which the known rows don't differ
				scaled += v * v / p.ExplainedVariance[k]
			}
		}
		lost, distance = append(lost, square), append(distance, scaled)
	}
	return lost, distance, nil
}

func negative(values []float64) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = -v
	}
	return list
}

// interval is the mean of values and half of its interval of 95 %, by Student's t.
func interval(values []float64) (mean, half float64) {
	mean, std := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	return mean, distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975) * std / math.Sqrt(n)
}
