package rnn

import (
	"context"
	"math"
	"strings"
	"testing"

	"genlab/lib/data/series"
)

// A wave with growing swings is continued: the last two years of the airline's passengers are within a few per cent, as the best ARIMA
// has them (about 3 to 4).
func TestForecast(t *testing.T) {
	s, err := series.AirPassengers()
	if err != nil {
		t.Fatal(err)
	}
	known, future := s.Values[:120], s.Values[120:]
	c := DefaultForecast()
	c.Log, c.Lag, c.Window, c.Steps = true, 12, 36, 100
	f, err := FitForecast(context.Background(), known, c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Forecast(context.Background(), len(future), 0.95)
	if err != nil {
		t.Fatal(err)
	}
	var off float64
	inside := 0
	for i, v := range future {
		off += math.Abs(got.Mean[i]/v-1) / float64(len(future))
		if got.Lower[i] <= v && v <= got.Upper[i] {
			inside++
		}
	}
	t.Logf("off by %.1f%% on average, %d of %d in the 95%% interval", 100*off, inside, len(future))
	if off > 0.06 || inside < 20 {
		t.Errorf("off by %.1f%% on average, %d of %d in the 95%% interval", 100*off, inside, len(future))
	}
}

func TestForecastErrors(t *testing.T) {
	ctx := context.Background()
	long := make([]float64, 100)
	gap := append([]float64{math.NaN()}, long...)
	narrow, log := DefaultForecast(), DefaultForecast()
	narrow.Hidden, log.Log = 0, true
	for _, c := range []struct {
		want   string
		values []float64
		cfg    ForecastConfig
	}{
		{"needs at least 50", long[:20], DefaultForecast()},
		{"value 1 of the series is NaN", gap, DefaultForecast()},
		{"logarithm needs positive", long, log},
		{"hidden is 0", long, narrow},
	} {
		if _, err := FitForecast(ctx, c.values, c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}
