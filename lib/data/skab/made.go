package skab

import (
	"math"
	"math/rand/v2"
	"time"
)

// Made is an experiment like those of the benchmark, for who hasn't fetched it: 1,000 rows of a made pump, whose flow and current swing together until
// a valve closes slowly from row 600 on; it opens again in row 850.
func Made() Experiment {
	e := Experiment{Name: "made", Sensors: []string{"Current", "Pressure", "Temperature", "Volume Flow RateRMS"}}
	rng := rand.New(rand.NewPCG(1, 2))
	const closes, opens, rows = 600, 850, 1000
	for i := range rows {
		swing := math.Sin(float64(i)/17) + 0.3*rng.NormFloat64()
		closed := 0.0
		if i >= closes && i < opens {
			closed = min(1, float64(i-closes)/60)
		}
		e.Times = append(e.Times, time.Date(2026, 3, 1, 10, 0, i, 0, time.UTC))
		e.Values = append(e.Values, []float64{
			2 + 0.2*swing + 0.1*closed + 0.05*rng.NormFloat64(), 0.3*closed + 0.2*rng.NormFloat64(),
			70 + 0.001*float64(i) + 0.1*rng.NormFloat64(), 32 + swing - 6*closed + 0.2*rng.NormFloat64(),
		})
		e.Anomaly, e.Changepoint = append(e.Anomaly, i >= closes && i < opens), append(e.Changepoint, i == closes || i == opens)
	}
	return e
}
