package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/sensors"
	"genlab/lib/models/anomaly"
)

// watching is what `watch` takes.
type watching struct {
	Run   string        `flag:"run" help:"the detector's run"`
	Time  string        `flag:"time" help:"the column of times (default the one called datetime, timestamp, time or date); none"`
	Gap   time.Duration `flag:"gap" help:"a pause after which the rows before count no more; 0 is none"`
	Fresh bool          `flag:"fresh" help:"begin anew, and not where an earlier watch of this run ended"`
	Top   int           `flag:"top" help:"how many sensors to name with an alarm"`
}

func newWatch() *cobra.Command {
	c := watching{Run: anomaly.Recipe().Run, Gap: time.Minute, Top: 3}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Score sensors' rows as they come on standard input, and raise alarms",
		Long: `Score sensors' rows as they come on standard input: CSV, a header line first, the columns in any order, others left aside. A line is printed for
each row: time, score, ALARM or ok, and with an alarm the sensors that drive it, with their parts of the score. The score of a row depends on
it and the rows before alone; "-" stands where there is no whole window yet.

A row that can't be taken is reported on standard error and passed over. Where the rows pause for longer than --gap, the window begins anew.
The last rows are kept in the run, once a second and at the end: a watch that is started again goes on from there, and passes over
rows that it has seen, by their times.`,
		Example: `  tail -n +1 -f pump.csv | genlab watch --run runs/pump
  tail -n +1 -f pump.csv | genlab watch --run runs/pump | grep --line-buffered ALARM`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.watch(cmd) }
	return cmd
}

// seen is what a watch keeps for a later one.
type seen struct {
	Last   time.Time       `json:"last"` // of the last row
	Rows   int             `json:"rows"`
	Stream *anomaly.Stream `json:"stream"`
}

// stateFile is where it is kept, in the run.
const stateFile = "watch.json"

func (c watching) watch(cmd *cobra.Command) error {
	m, err := anomaly.Open(c.Run)
	if err != nil {
		return err
	}
	state := seen{Stream: m.Stream()}
	path := filepath.Join(c.Run, stateFile)
	if !c.Fresh {
		raw, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(raw, &state)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("going on from %s: %w; --fresh begins anew", path, err)
		}
	}
	rows, err := sensors.NewReader(cmd.InOrStdin(), "standard input", sensors.Config{Time: c.Time})
	if err != nil {
		return err
	}
	var names []string
	for _, s := range m.Config.Sensors {
		names = append(names, s.Name)
	}
	if err := rows.Select(names); err != nil {
		return fmt.Errorf("%w; the run was trained on %s", err, strings.Join(names, ", "))
	}
	save := func() error {
		raw, err := json.Marshal(state)
		if err != nil {
			return err
		}
		return renameio.WriteFile(path, raw, 0o644)
	}
	came := read(cmd, rows)
	saved, resumed, again := time.Now(), state.Last, 0
	for {
		var next arrival
		select {
		case <-cmd.Context().Done():
			return save()
		case next = <-came:
		}
		var bad *sensors.RowError
		switch {
		case errors.Is(next.err, io.EOF):
			return save()
		case errors.As(next.err, &bad):
			cmd.PrintErrf("passed over: %v\n", bad)
			continue
		case next.err != nil:
			return errors.Join(next.err, save())
		}
		row := next.row
		if !resumed.IsZero() && !row.Time.IsZero() && !row.Time.After(resumed) {
			again++
			continue
		}
		if again > 0 {
			cmd.PrintErrf("passed over: %d rows that an earlier watch has seen\n", again)
			again = 0
		}
		if pause := row.Time.Sub(state.Last); c.Gap > 0 && !state.Last.IsZero() && pause > c.Gap {
			cmd.PrintErrf("a pause of %v before line %d: the window begins anew\n", pause, row.Line)
			state.Stream.Gap()
		}
		alert, err := state.Stream.Next(cmd.Context(), row.Values)
		if err != nil {
			return errors.Join(err, save())
		}
		state.Last, state.Rows = row.Time, state.Rows+1
		cmd.Println(c.line(row, alert, state.Rows, names))
		if time.Since(saved) > time.Second {
			if err := save(); err != nil {
				return err
			}
			saved = time.Now()
		}
	}
}

// arrival is a row that came, or why none did.
type arrival struct {
	row sensors.Row
	err error
}

// read sends rows as they come, until the last error: so that an interrupt needn't wait for one.
func read(cmd *cobra.Command, rows *sensors.Reader) <-chan arrival {
	came := make(chan arrival)
	go func() {
		for {
			row, err := rows.Next()
			select {
			case came <- arrival{row, err}:
			case <-cmd.Context().Done():
				return
			}
			if err != nil && !errors.As(err, new(*sensors.RowError)) {
				return
			}
		}
	}()
	return came
}

// line is what is printed of a row.
func (c watching) line(row sensors.Row, a anomaly.Alert, n int, names []string) string {
	at := fmt.Sprintf("row %d", n)
	if !row.Time.IsZero() {
		at = row.Time.Format(time.DateTime)
	}
	if math.IsNaN(a.Score) {
		return at + "\t-\tok"
	}
	if !a.Flag {
		return fmt.Sprintf("%s\t%.4g\tok", at, a.Score)
	}
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a.Parts[j], a.Parts[i]) })
	var drivers []string
	for _, i := range order[:min(max(c.Top, 0), len(order))] {
		drivers = append(drivers, fmt.Sprintf("%s %.3g", names[i], a.Parts[i]))
	}
	return fmt.Sprintf("%s\t%.4g\tALARM\t%s", at, a.Score, strings.Join(drivers, ", "))
}
