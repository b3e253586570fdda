package viz_test

import (
	"genlab/lib/viz"
)

func ExampleForecast() {
	report(viz.Forecast(nil, []float64{1, 2, 1, 2, 1}, viz.Fan{
		Mean:  []float64{2, 1},
		Bands: []viz.Band{{Name: "95%", Lower: []float64{1.5, 0.4}, Upper: []float64{2.5, 1.6}}},
	}, viz.PlotConfig{Title: "To and fro"}))
	// Output: (800,440) <nil>
}

func ExampleCorrelogram() {
	report(viz.Correlogram([]float64{1, -0.8, 0.6, -0.4}, 50, viz.PlotConfig{Title: "Autocorrelation", X: "lag"}))
	// Output: (800,330) <nil>
}
