package arima

import "genlab/lib/spec"

// Spec declares the model to the rest of the house. It is fitted, not trained by steps, and has no net.
var Spec = &spec.Model{
	ID:        "arima",
	Section:   "Autoregression: AR and ARIMA (`genlab forecast`)",
	Heading:   "Авторегрессионные модели: AR, ARIMA",
	Needs:     "a CSV file, or a series that comes with genlab",
	Notebooks: []string{"04_autoregression"},
	State:     "[held against statsmodels](arima.md)",
}
