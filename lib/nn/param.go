package nn

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Param is a parameter of a layer, or a buffer such as a running mean. Its value lives in a GoMLX store, under its path.
type Param struct {
	// Shape as the layers compute with it.
	Shape []int
	// Perm says how PyTorch lays it out: axis i in a file is axis Perm[i] here. Nil: the same.
	Perm []int
	// Init fills a new one; nil is zeros.
	Init Init
	// Buffer marks state that is not trained.
	Buffer bool
	// DType is Float32 when left zero.
	DType dtypes.DType

	path    string
	derived *derived // nil for most: see parametrize.go
	// startsFrom, when not nil, tells a new one's values from those of another, in place of Init.
	startsFrom *Param
	start      func(of []float32) []float32
}

// Path is the parameter's dotted name in its model, PyTorch's name, given by [Name].
func (p *Param) Path() string { return p.path }

// Size is the number of values.
func (p *Param) Size() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// Type is the parameter's GoMLX type.
func (p *Param) Type() dtypes.DType {
	if p.DType == dtypes.InvalidDType {
		return dtypes.Float32
	}
	return p.DType
}

// Variable finds the parameter in a store. s is the scope of the model that holds it.
func (p *Param) Variable(s *model.Scope) (*model.Variable, error) {
	if p.derived != nil {
		return nil, errorf("parameter %s is computed from others (weight or spectral norm): it has no value of its own", p.path)
	}
	if p.path == "" {
		return nil, errorf("a parameter of shape %v has no name: end the model's constructor with nn.Name", p.Shape)
	}
	v := s.GetVariable(p.path)
	if v == nil {
		return nil, errorf("parameter %s isn't in the store under %q: make it with nn.Create, or load it", p.path, s.Scope())
	}
	return v, nil
}

// Node is the parameter's value in graph g. s is the scope of the model that holds it.
func (p *Param) Node(s *model.Scope, g *graph.Graph) *graph.Node {
	if p.derived != nil {
		return p.derived.node(s, g)
	}
	v, err := p.Variable(s)
	if err != nil {
		panic(err)
	}
	return v.NodeValue(g)
}

// Set makes value the parameter's value once the graph has run.
func (p *Param) Set(s *model.Scope, value *graph.Node) {
	v, err := p.Variable(s)
	if err != nil {
		panic(err)
	}
	v.SetNodeValue(value)
}

// Create makes the variables of root's parameters in scope s, those that aren't there yet. The seed and a parameter's path decide
// its first values, whatever the backend and the order.
func Create(s *model.Scope, root any, seed uint64) error {
	if err := checkValues(root); err != nil {
		return err
	}
	var follow []*Param
	for _, p := range Params(root) {
		if s.GetVariable(p.path) != nil {
			continue
		}
		t := tensors.FromShape(shapes.Make(p.Type(), p.Shape...))
		if p.Init != nil {
			h := fnv.New64a()
			_, _ = h.Write([]byte(p.path)) // a hash never fails
			rng := rand.New(rand.NewPCG(seed, h.Sum64()))
			err := tensors.MutableFlatData(t, func(flat []float32) { p.Init(rng, flat) })
			if err != nil {
				return fmt.Errorf("initialising %s: %w", p.path, err)
			}
		}
		v, err := s.CreateVariable(p.path, t)
		if err != nil {
			return fmt.Errorf("creating %s: %w", p.path, err)
		}
		v.SetTrainable(!p.Buffer)
		if p.startsFrom != nil {
			follow = append(follow, p)
		}
	}
	for _, p := range follow {
		if err := p.startAs(s); err != nil {
			return fmt.Errorf("initialising %s: %w", p.path, err)
		}
	}
	return nil
}

// startAs fills a new parameter from the one that it starts from.
func (p *Param) startAs(s *model.Scope) error {
	of, err := p.startsFrom.Variable(s)
	if err != nil {
		return err
	}
	value, err := of.Value()
	if err != nil {
		return err
	}
	flat, err := tensors.CopyFlatData[float32](value)
	if err != nil {
		return err
	}
	v, err := p.Variable(s)
	if err != nil {
		return err
	}
	return v.SetValue(tensors.FromFlatDataAndDimensions(p.start(flat), p.Shape...))
}
