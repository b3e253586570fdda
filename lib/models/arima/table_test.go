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
errors of the first (statsmodels forecasts the differences where the start is differenced: "-"). Renewed by

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
