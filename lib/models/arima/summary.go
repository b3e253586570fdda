package arima

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"

	"gonum.org/v1/gonum/stat/distuv"
)

// Summary is the fit as a table: the parameters with their standard errors and 95% intervals, the criteria, and the checks
// of the residuals.
func (m *Model) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d observations", m.Config, m.Observations)
	if m.Missing > 0 {
		fmt.Fprintf(&b, " (%d missing)", m.Missing)
	}
	fmt.Fprintf(&b, "\nlog-likelihood %.3f   AIC %.3f   BIC %.3f   HQIC %.3f\n\n", m.LogLik, m.AIC, m.BIC, m.HQIC)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\testimate\tstd. error\tz\tP>|z|\t95%% from\tto\t\n")
	const z95 = 1.959963984540054
	for i, name := range m.Names {
		x, se := m.Params[i], m.StdErr[i]
		z := x / se
		fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%.2f\t%.3f\t%.4g\t%.4g\t\n", name, x, se, z, 2*distuv.UnitNormal.Survival(math.Abs(z)), x-z95*se, x+z95*se)
	}
	_ = w.Flush() // a strings.Builder takes everything
	lags := 10
	if m.Seasonal.Period > 0 {
		lags = 2 * m.Seasonal.Period
	}
	lags = max(1, min(lags, len(m.known())/5))
	if box, err := m.LjungBox(lags); err == nil {
		fmt.Fprintf(&b, "\nLjung-Box, %d lags: %.2f (p %.3f): ", lags, box.Statistic, box.P)
		b.WriteString(verdict(box.P, "no autocorrelation left", "autocorrelation is left"))
	}
	normal, skewness, kurtosis := m.Normality()
	fmt.Fprintf(&b, "\nJarque-Bera: %.2f (p %.3f, skewness %.2f, kurtosis %.2f): ", normal.Statistic, normal.P, skewness, kurtosis)
	b.WriteString(verdict(normal.P, "nothing against normal errors", "the errors are not normal: the intervals are approximate"))
	if h := m.Heteroskedasticity(); !math.IsNaN(h.P) {
		fmt.Fprintf(&b, "\nvariance, last third over first: %.2f (p %.3f): ", h.Statistic, h.P)
		b.WriteString(verdict(h.P, "steady", "it changes over time"))
	}
	for _, warning := range m.Warnings {
		fmt.Fprintf(&b, "\nwarning: %s", warning)
	}
	b.WriteByte('\n')
	return b.String()
}

func verdict(p float64, well, ill string) string {
	if p < 0.05 {
		return ill
	}
	return well
}
