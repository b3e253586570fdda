package arima_test

import (
	"context"
	"fmt"

	"genlab/lib/models/arima"
)

// A model needs its order and the numbers; everything else has a default.
func ExampleFit() {
	flow := []float64{1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140}
	m, err := arima.Fit(context.Background(), arima.Config{Order: arima.Order{P: 1}, Trend: arima.Constant}, flow, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	next, err := m.Forecast(2, nil, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.0f to %.0f\n", m, next.Lower[0], next.Upper[0])
	// Output: ARIMA(1,0,0) + constant: 795 to 1344
}
