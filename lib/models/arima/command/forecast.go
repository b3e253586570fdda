package command

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"genlab/lib/data/series"
	"genlab/lib/models/arima"
	"genlab/lib/viz"
)

// classics are the series that come with genlab, under the names that the command takes for a file.
var classics = map[string]func() (series.Series, error){
	"nile": series.Nile, "sunspots": series.Sunspots, "airpassengers": series.AirPassengers, "co2": series.CO2,
}

func newForecast() *cobra.Command {
	var column, dateFormat, order, seasonal, picture string
	var steps int
	var level float64
	var log, monthly, search bool
	cfg := arima.Default()
	cmd := &cobra.Command{
		Use:   "forecast FILE",
		Short: "Fit an ARIMA model to a series and continue it",
		Long: `Fit an ARIMA model to a column of a CSV file, by exact maximum likelihood, and forecast what comes.

The file has a header line; a column of dates is found by itself, and must read wholly and in even steps of a calendar; empty cells,
NA and NaN are missing values, which the model takes. For FILE, nile, sunspots, airpassengers and co2 stand for series that come with genlab.`,
		Example: `  genlab forecast airpassengers --order 0,1,1 --seasonal 0,1,1,12 --log --steps 24 --plot out/passengers.png
  genlab forecast sunspots --order 9,0,0 --trend c --steps 11
  genlab forecast co2 --monthly --order 1,1,1 --seasonal 1,1,1,12 --search
  genlab forecast sales.csv --column revenue --order 1,1,1`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := readOrders(&cfg, order, seasonal); err != nil {
				return err
			}
			if err := cfg.Validate(); err != nil {
				return err
			}
			if steps < 1 {
				return fmt.Errorf("--steps is %d: it must be 1 or more", steps)
			}
			s, err := readSeries(args[0], column, dateFormat)
			if err != nil {
				return err
			}
			for _, note := range s.Notes {
				cmd.PrintErrln(note)
			}
			if monthly {
				if s, err = s.Monthly(); err != nil {
					return err
				}
			}
			var dates []time.Time
			if s.Times != nil {
				// Uneven dates are an error: the model would take a gap for one step.
				if dates, err = s.Future(steps); err != nil {
					return err
				}
			}
			y := s
			if log {
				if i := slices.IndexFunc(s.Values, func(v float64) bool { return v <= 0 }); i >= 0 {
					return fmt.Errorf("--log: observation %d is %g: a logarithm takes numbers above 0", i+1, s.Values[i])
				}
				y = s.Map(math.Log)
			}
			m, err := fitForecast(cmd, cfg, search, y.Values)
			if err != nil {
				return err
			}
			f, err := m.Forecast(steps, nil, level)
			if err != nil {
				return err
			}
			if log {
				// The median and the quantiles of the level are the exponentials of the logarithm's.
				for _, x := range [][]float64{f.Mean, f.Lower, f.Upper} {
					for i := range x {
						x[i] = math.Exp(x[i])
					}
				}
			}
			cmd.Print(m.Summary(), "\n")
			if err := printForecast(cmd, f, s.Labels(dates)); err != nil {
				return err
			}
			if picture == "" {
				return nil
			}
			fan := viz.Fan{Mean: f.Mean, Bands: []viz.Band{{Name: percent(level), Lower: f.Lower, Upper: f.Upper}}}
			var times []time.Time
			if s.Times != nil {
				times = slices.Concat(s.Times, dates)
			}
			if err := viz.Save(picture, viz.Forecast(times, s.Values, fan, viz.PlotConfig{Title: m.String(), Y: s.Name})); err != nil {
				return err
			}
			cmd.Printf("picture: %s\n", picture)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&column, "column", "", "the column to forecast (default the only one that holds no dates)")
	f.StringVar(&dateFormat, "date-format", "", "how dates are written where the column doesn't tell: DD/MM/YYYY, %m/%d/%Y, …; none: rows without dates")
	f.StringVar(&order, "order", "1,1,1", "p,d,q: autoregressive lags, differences, moving-average lags")
	f.StringVar(&seasonal, "seasonal", "", "P,D,Q,s: the same at lags that are multiples of s")
	f.StringVar((*string)(&cfg.Trend), "trend", "n", "n none, c constant, t linear, ct both")
	f.StringVar((*string)(&cfg.Start), "start", string(cfg.Start), "what is assumed before the first value: exact, approximate (statsmodels' default: depends on the unit) or differenced")
	f.BoolVar(&search, "search", false, "try all orders up to those given, take the smallest AIC")
	f.BoolVar(&log, "log", false, "model the logarithm")
	f.BoolVar(&monthly, "monthly", false, "take the mean of each month first")
	f.IntVar(&steps, "steps", 12, "how far to look ahead")
	f.Float64Var(&level, "level", 0.95, "probability of the intervals")
	f.StringVar(&picture, "plot", "", "picture to write, a PNG")
	return cmd
}

// readOrders puts --order and --seasonal into the config.
func readOrders(cfg *arima.Config, order, seasonal string) error {
	read := func(flag, text string, into ...*int) error {
		cells := strings.Split(text, ",")
		if len(cells) != len(into) {
			return fmt.Errorf("%s is %q: %d whole numbers with commas between are wanted", flag, text, len(into))
		}
		for i, cell := range cells {
			v, err := strconv.Atoi(strings.TrimSpace(cell))
			if err != nil {
				return fmt.Errorf("%s is %q: %q is no whole number", flag, text, cell)
			}
			*into[i] = v
		}
		return nil
	}
	if err := read("--order", order, &cfg.Order.P, &cfg.Order.D, &cfg.Order.Q); err != nil || seasonal == "" {
		return err
	}
	return read("--seasonal", seasonal, &cfg.Seasonal.P, &cfg.Seasonal.D, &cfg.Seasonal.Q, &cfg.Seasonal.Period)
}

// readSeries opens a CSV file, or a series that comes with genlab.
func readSeries(file, column, dateFormat string) (series.Series, error) {
	table, err := series.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		if classic := classics[file]; classic != nil {
			return classic()
		}
		return series.Series{}, fmt.Errorf("no file %s; the series that come with genlab are nile, sunspots, airpassengers and co2", file)
	}
	if err != nil {
		return series.Series{}, err
	}
	table.DateFormat = dateFormat
	if column != "" {
		return table.Series(column)
	}
	columns := table.Values()
	if len(columns) != 1 {
		return series.Series{}, fmt.Errorf("%s has the columns %s: say which with --column", table.Name, strings.Join(table.Columns, ", "))
	}
	return table.Series(columns[0])
}

// fitForecast fits the model, or the best of a search, and shows the search's first places.
func fitForecast(cmd *cobra.Command, cfg arima.Config, search bool, y []float64) (*arima.Model, error) {
	if !search {
		return arima.Fit(cmd.Context(), cfg, y, nil)
	}
	models, err := arima.Select(cmd.Context(), arima.Search{
		Config: cfg, MaxP: cfg.Order.P, MaxQ: cfg.Order.Q, MaxSeasonalP: cfg.Seasonal.P, MaxSeasonalQ: cfg.Seasonal.Q,
	}, y, nil)
	if err != nil {
		return nil, err
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "MODEL (best of %d)\tAIC\n", len(models))
	for _, m := range models[:min(5, len(models))] {
		_, _ = fmt.Fprintf(w, "%s\t%.3f\n", m, m.AIC)
	}
	_, _ = fmt.Fprintln(w)
	return models[0], w.Flush()
}

func printForecast(cmd *cobra.Command, f *arima.Forecast, dates []string) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "STEP\tFORECAST\t%s FROM\tTO\n", percent(f.Level))
	for h, mean := range f.Mean {
		step := strconv.Itoa(h + 1)
		if len(dates) > 0 {
			step = dates[h]
		}
		_, _ = fmt.Fprintf(w, "%s\t%.6g\t%.6g\t%.6g\n", step, mean, f.Lower[h], f.Upper[h])
	}
	return w.Flush()
}

func percent(level float64) string { return strconv.FormatFloat(100*level, 'g', 4, 64) + "%" }
