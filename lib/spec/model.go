// Package spec holds what a model declares of itself, once, in its spec.go: its names, its nets with their inputs and outputs in PyTorch's
// layout, its training step, what it is trained to and timed by. The command, parity with PyTorch, the bench and the documents' tables
// read the declaration; the model itself doesn't need it.
package spec

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/train"
)

// Model is a model's declaration.
type Model struct {
	ID     string // in commands, runs and files
	Folder string // of lib/models; "" is ID
	// Section of the article and, as the article has it in Russian, Heading; "" where it has none.
	Section, Heading string
	Needs            string   // what it trains on
	Notebooks        []string // without .ipynb
	State            string   // how far it is compared with others, for docs/article.md

	Presets   []Preset // of the architecture; the first is the default
	Nets      []Net
	Step      func(Config) (*Training, error) // nil: `genlab step` doesn't know it
	StepID    string                          // what the step goes by, where that is a net's ID; "" is ID
	Figures   []Figure
	Workloads []*Workload
}

// Preset is a config with a name.
type Preset struct {
	Name, About string
	Config      any // of the model's config type
}

// Net is a module that can be run on tensors from files, described and converted. Most models are one, under their own ID.
type Net struct {
	ID   string // such as "dcgan.generator"
	Open func(Config) (*Pass, error)
	// Printed is the config that describe begins with, JSON, where the article prints another than the default.
	Printed string
}

// Pass is a net as a config makes it, and its forward pass in PyTorch's layout.
type Pass struct {
	Net    any
	Inputs []Input
	// Forward gives the outputs by name; in holds nil for an input that isn't given.
	Forward func(s *model.Scope, in []*graph.Node) map[string]*graph.Node
	Fixed   map[string]*tensors.Tensor // all outputs of a pass without weights and inputs, which has no Forward
	// Compute stands in the place of Forward where what is computed is no graph: a measure.
	Compute func(in []*tensors.Tensor) (map[string]*tensors.Tensor, error)
	Loss    string      // an output whose gradients are asked for wherever it is given; "" is none
	Sizes   map[int]int // free sizes for a summary, such as AnyLength; 1 where not said
}

// Training is a training step as a config makes it.
type Training struct {
	Parts  []Part
	Inputs []Input // of one step, in PyTorch's layout; nil stands for one that isn't given
	Step   train.Step
	// Names are those of what the step measures, in its order; "" leaves one out.
	Names []string
	// Repeat, when not 0, is how often the same inputs are given. Else those in a file have an axis of steps before their own.
	Repeat int
}

// Part is a module under its scope in the store, which is also what its names begin with in files; most models are one part under "".
type Part struct {
	Scope  string
	Module any
}

// Figure is what `make figures` trains a model to.
type Figure struct {
	Name string `json:"name"`
	// Args are the command's; {runs} is the folder that holds the runs of all figures, so that one can use what an earlier one trained.
	Args    string  `json:"args"`
	Metric  string  `json:"metric"`  // of metrics.jsonl, its last value
	Unit    string  `json:"unit"`    // with what it is of
	PyTorch string  `json:"pytorch"` // what PyTorch reaches with the same sizes, data and steps; "" where not measured
	Bound   float64 `json:"bound"`   // that the value must keep
	More    bool    `json:"more"`    // better is more, not less
	Quick   string  `json:"quick"`   // further arguments, for a short training
}
