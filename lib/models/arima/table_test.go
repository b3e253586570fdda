package arima

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

var table = flag.String("table", "", "file for a table of the fits beside statsmodels'")

// TestTable writes docs/arima.md when it is told where.
func TestTable(t *testing.T) {
	if *table == "" {
		t.Skip("writes a table with -args -table FILE")
	}
	var page strings.Builder
	page.WriteString(`# ARIMA beside statsmodels

Each model is fitted by maximum likelihood, from the same start, here and in the statsmodels that
[make.py](../lib/models/arima/testdata/make.py) ran. Differences are relative; the forecast's is the largest of all steps, in standard
errors of the first (statsmodels forecasts the differences where the start is differenced: "-").

Models without a word behind them have statsmodels' default start, ` + "`" + `ApproximateDiffuse` + "`" + ` (` + "`" + `--start approximate` + "`" + `). It gives a level that is
not known the variance 10⁶ in whatever unit the series has, so that sales in units get another model than sales in thousands. Ours is
` + "`" + `ExactDiffuse` + "`" + `, with which scaling a series scales its forecasts and nothing else: the same summits, a log-likelihood that counts the
observations which fix the level too, and an AIC that counts the level's states among the parameters. Renewed by

    go test ./lib/models/arima -run TestTable -args -table "$PWD/docs/arima.md"

| model | log-likelihood | statsmodels | difference | forecast's difference |
| --- | --- | --- | --- | --- |
`)
	for _, k := range load(t).Cases {
		m, err := Fit(context.Background(), k.cfg, k.y, k.exog)
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(len(k.Fit.Forecast), k.exogNext, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		ahead := "-"
		if k.cfg.Start != Differenced {
			most := 0.0
			for i, v := range f.Mean {
				most = max(most, math.Abs(v-k.Fit.Forecast[i])/f.StdErr[0])
			}
			ahead = fmt.Sprintf("%.0e", most)
		}
		fmt.Fprintf(&page, "| %s | %.4f | %.4f | %+.0e | %s |\n", k.name(), m.LogLik, k.Fit.LLF, (m.LogLik-k.Fit.LLF)/math.Abs(k.Fit.LLF), ahead)
	}
	beside := *table + ".new"
	if err := os.WriteFile(beside, []byte(page.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(beside, *table); err != nil {
		t.Fatal(err)
	}
}
