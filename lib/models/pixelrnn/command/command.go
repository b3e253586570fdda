// Package command has the PixelRNN's verbs of the command line.
package command

import (
	"genlab/lib/command"
	pixelcnn "genlab/lib/models/pixelcnn/command"
	"genlab/lib/models/pixelrnn"
	"genlab/lib/nn/pixels"
	"genlab/lib/spec"
)

// Model is the PixelRNN for the command.
var Model = command.Register(command.Model{
	Specs: []*spec.Model{pixelrnn.Spec},
	Verbs: []command.Verb{
		{Group: "train", New: newTrain},
		{Group: "sample", New: pixelcnn.NewSample("pixelrnn", pixelrnn.Recipe().Run, open)},
	},
})

func init() {
	pixelcnn.Measurable["pixelrnn"] = func(run string) (pixelcnn.Measured, error) {
		m, err := pixelrnn.Open(run)
		if err != nil {
			return pixelcnn.Measured{}, err
		}
		return pixelcnn.Measured{Painter: m.Painter, Loss: m.Loss}, nil
	}
}

func open(run string) (*pixels.Painter, error) {
	m, err := pixelrnn.Open(run)
	if err != nil {
		return nil, err
	}
	return m.Painter, nil
}
