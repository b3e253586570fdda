package viz

import (
	"image"
	"math"
	"strings"
	"testing"
	"time"
)

// months makes n months of a wave that climbs, and the fan that continues it.
func months(n, steps int) (times []time.Time, values []float64, fan Fan) {
	for t := range n + steps {
		times = append(times, time.Date(2001, time.Month(1+t), 1, 0, 0, 0, 0, time.UTC))
		v := 0.1*float64(t) + math.Sin(float64(t)/2)
		if t < n {
			values = append(values, v)
			continue
		}
		fan.Mean = append(fan.Mean, v)
	}
	for _, width := range []float64{2, 1} {
		b := Band{Name: map[float64]string{2: "95%", 1: "68%"}[width]}
		for h, v := range fan.Mean {
			spread := 0.3 * width * math.Sqrt(float64(h+1))
			b.Lower, b.Upper = append(b.Lower, v-spread), append(b.Upper, v+spread)
		}
		fan.Bands = append(fan.Bands, b)
	}
	return times, values, fan
}

func TestGoldenSeries(t *testing.T) {
	times, values, fan := months(72, 18)
	values[30] = math.NaN()
	fan.Actual = append([]float64(nil), fan.Mean...)
	for h := range fan.Actual {
		fan.Actual[h] += 0.3
	}
	golden(t, "forecast", Forecast(times, values, fan, PlotConfig{Title: "A series and its continuation", Y: "level"}))

	correlations := make([]float64, 25)
	for lag := range correlations {
		correlations[lag] = math.Pow(0.9, float64(lag)) * math.Cos(float64(lag)/2)
	}
	golden(t, "correlogram", Correlogram(correlations, 100, PlotConfig{Title: "Autocorrelation", X: "lag"}))
}

func TestSeriesErrors(t *testing.T) {
	times, values, fan := months(10, 4)
	short := fan
	short.Actual = []float64{1}
	narrow := fan
	narrow.Bands = []Band{{Name: "95%", Lower: []float64{1}, Upper: []float64{2}}}
	endless := fan
	endless.Bands = []Band{{Lower: []float64{0, 0, 0, 0}, Upper: []float64{1, 1, math.Inf(1), 1}}}
	for _, c := range []struct {
		name string
		img  image.Image
		want string
	}{
		{"times", Forecast(times[:9], values, fan, PlotConfig{}), "9 times for 10 values and a fan of 4"},
		{"actual", Forecast(times, values, short, PlotConfig{}), "a fan of 4 with 1 actual values"},
		{"band", Forecast(times, values, narrow, PlotConfig{}), "1 lower and 1 upper bounds for a fan of 4"},
		{"infinite", Forecast(times, values, endless, PlotConfig{}), "holds +Inf"},
		{"empty", Forecast(nil, []float64{math.NaN()}, Fan{}, PlotConfig{}), "without one finite value"},
		{"lags", Correlogram([]float64{1}, 10, PlotConfig{}), "1 correlations of 10"},
		{"correlation", Correlogram([]float64{1, math.NaN()}, 10, PlotConfig{}), "at lag 1 is NaN"},
	} {
		if err := Err(c.img); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q in it", c.name, err, c.want)
		}
	}
	// Short spans mark days, and a series stands alone without a fan.
	if err := Err(Forecast(times[:10], values, Fan{}, PlotConfig{})); err != nil {
		t.Error(err)
	}
}
