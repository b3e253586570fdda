package command

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/sensors"
	"genlab/lib/models/anomaly"
)

// training is what `train anomaly` takes: the model's own choices, and the rows.
type training struct {
	anomaly.TrainConfig
	Data       string   `json:"data" help:"CSV file with a column for each sensor"`
	Time       string   `json:"time" help:"its column of times (default the one called datetime, timestamp, time or date); none"`
	Leave      []string `json:"leave" help:"columns that are no sensors, with commas between"`
	TrainUntil string   `json:"train_until" help:"the first time, or the number of the first row, that isn't learnt any more (default all rows are)"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: anomaly.Recipe()}
	cmd := &cobra.Command{
		Use:   "anomaly",
		Short: "Learn what sensors say while all is well, to tell when it isn't",
		Long: `Learn what sensors say while all is well, to tell when it isn't, from a CSV file with a header line: a column for each sensor, one of times
where there is one. Empty cells, NA, NaN and null are missing values, which the model takes. Sensors that never change in the rows that
are learnt are left out. The threshold follows from the scores of these rows.`,
		Example: `  genlab train anomaly --data pump.csv --time datetime --train-until "2026-03-01 12:00:00" --leave anomaly,changepoint --run runs/pump
  genlab train anomaly --data pump.csv --train-until 400 --rule pot --quantile 0.9 --risk 0.001 --run runs/pump-pot
  tail -n +1 -f pump.csv | genlab watch --run runs/pump`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, anomaly.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if t.Data == "" {
			return errors.New("--data is empty: it must be a CSV file of sensors; genlab data skab fetches some")
		}
		table, err := sensors.Open(t.Data, sensors.Config{Time: t.Time, Leave: t.Leave})
		if err != nil {
			return err
		}
		n, err := until(table, t.TrainUntil)
		if err != nil {
			return err
		}
		rows := anomaly.Rows{Sensors: table.Names, Values: table.Values[:n]}
		_, leftOut, err := anomaly.Fit(rows, t.Scaling)
		if err != nil {
			return err
		}
		for _, name := range leftOut {
			cmd.PrintErrf("%s never changes in the rows that are learnt: it is left out\n", name)
		}
		m, err := anomaly.Train(cmd.Context(), t.TrainConfig, rows)
		if err != nil {
			return err
		}
		cmd.Printf("%d rows of %d sensors; a score above %.4g is an alarm\n", n, len(m.Config.Sensors), m.Threshold)
		return command.Report(cmd, t.Options, "loss", "nats a window of the last batch",
			fmt.Sprintf("genlab watch --run %s < %s", command.Quote(t.Run), command.Quote(t.Data)))
	}
	return cmd
}

// until is how many rows come before a time, or a number of a row.
func until(table sensors.Table, text string) (int, error) {
	if text == "" {
		return len(table.Values), nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 || n > len(table.Values) {
			return 0, fmt.Errorf("--train-until is %d: it must be 1 to %d, the number of rows", n, len(table.Values))
		}
		return n, nil
	}
	if table.Times == nil {
		return 0, fmt.Errorf("--train-until is %q: it must be the number of a row, as there is no column of times", text)
	}
	end, err := sensors.ParseTime(text)
	if err != nil {
		return 0, fmt.Errorf("--train-until: %w", err)
	}
	n := 0
	for n < len(table.Times) && table.Times[n].Before(end) {
		n++
	}
	if n == 0 {
		return 0, fmt.Errorf("--train-until is %s: it must be after the first row's time, %s", text, table.Times[0].Format(time.DateTime))
	}
	return n, nil
}
