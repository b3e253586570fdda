package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/skab"
	"genlab/lib/metrics"
	"genlab/lib/models/anomaly"
	"genlab/lib/train"
)

// measuring is what `measure anomalies` takes: one setting for all experiments.
type measuring struct {
	anomaly.TrainConfig
	Data  string `json:"data" help:"folder or zip archive of the Skoltech Anomaly Benchmark (default what genlab data skab fetched)"`
	Table string `json:"table" help:"in its place: CSV of rows that are no series"`
	Label string `json:"label" help:"with --table: the column that is 1 for an anomaly and 0 for a normal row"`
}

func newMeasure() *cobra.Command {
	c := measuring{TrainConfig: anomaly.Recipe()}
	c.Run = ""
	cmd := &cobra.Command{
		Use:   "anomalies",
		Short: "Judge the anomaly detector by the Skoltech Anomaly Benchmark",
		Long: `Judge the anomaly detector by the Skoltech Anomaly Benchmark's protocol and evaluator: for each of its 34 experiments a detector learns the first
400 rows and tells the others, all by one setting. F1 is of rows, FAR the part of normal rows that are flagged, MAR that of anomalous rows that
aren't; NAB scores changes that are found within a minute.

With --table a table of rows that are no series is judged in five folds, each of which tests every fifth normal row and all anomalies, beside
principal components and the Mahalanobis distance: area under the ROC curve and average precision, means and their intervals of 95 %.`,
		Example: `  genlab data skab && genlab measure anomalies
  genlab measure anomalies --preset recurrent --seed 2 --run runs/skab
  genlab data trucks && genlab measure anomalies --table ~/.cache/genlab/data/trucks/trucks.csv --label class --preset table --scaling standard --epochs 20`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &c, &c.Model, anomaly.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		root := c.Run
		if root == "" {
			var err error
			if root, err = os.MkdirTemp("", "genlab-anomalies-"); err != nil {
				return err
			}
			defer func() { _ = os.RemoveAll(root) }() // the system clears it otherwise
		}
		c.Watch = func(train.Progress) {}
		if c.Table != "" {
			return c.judgeTable(cmd, root)
		}
		return c.judgeSKAB(cmd, root)
	}
	return cmd
}

// judgeSKAB prints the benchmark's figures.
func (c measuring) judgeSKAB(cmd *cobra.Command, root string) error {
	experiments, err := skab.Open(c.Data)
	if err != nil {
		return err
	}
	began := time.Now()
	var all []metrics.Alarms
	for _, e := range experiments {
		a, err := c.judge(cmd.Context(), e, filepath.Join(root, filepath.FromSlash(e.Name)))
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		all = append(all, a)
		if o, err := metrics.MeasureOutliers([]metrics.Alarms{a}); err == nil {
			cmd.Printf("%-10s F1 %.2f  FAR %5.1f %%  MAR %5.1f %%\n", e.Name, o.F1, o.FalseAlarms, o.Missed)
		}
	}
	outliers, err := metrics.MeasureOutliers(all)
	if err != nil {
		return err
	}
	changes, err := metrics.MeasureChanges(all, time.Minute)
	if err != nil {
		return err
	}
	cmd.Printf("outliers   F1 %.3f  FAR %.2f %%  MAR %.2f %%\n", outliers.F1, outliers.FalseAlarms, outliers.Missed)
	cmd.Printf("changes    NAB %.2f (few false alarms %.2f, few missed %.2f); %d of %d missed, %d false alarms, delay %.1f s\n",
		changes.Standard, changes.LowFalse, changes.LowMissed, changes.Missed, changes.True, changes.FalseAlarms, changes.Delay.Seconds())
	cmd.Printf("time       %.0f s for %d experiments\n", time.Since(began).Seconds(), len(all))
	return nil
}

// judge learns an experiment's first rows and tells those after.
func (c measuring) judge(ctx context.Context, e skab.Experiment, run string) (metrics.Alarms, error) {
	cfg := c.TrainConfig
	cfg.Run = run
	m, err := anomaly.Train(ctx, cfg, anomaly.Rows{Sensors: e.Sensors, Values: e.Values[:skab.Train]})
	if err != nil {
		return metrics.Alarms{}, err
	}
	// The rows that were learnt are before those that are told: the window reaches back to them.
	scores, err := m.Score(ctx, anomaly.Rows{Sensors: e.Sensors, Values: e.Values})
	if err != nil {
		return metrics.Alarms{}, err
	}
	n := skab.Train
	return metrics.Alarms{Times: e.Times[n:], Anomaly: e.Anomaly[n:], Changepoint: e.Changepoint[n:], Predicted: m.Flags(scores.Score)[n:]}, nil
}
