// Package command has ARIMA's verb of the command line.
package command

import (
	"genlab/lib/command"
	"genlab/lib/models/arima"
	"genlab/lib/spec"
)

// Model is ARIMA for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{arima.Spec},
	Verbs: []command.Verb{{New: newForecast}},
})
