package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
)

// An exchange is one model behind the verbs forward, step, convert and describe, which run it on tensors from files under PyTorch's
// names, so that anyone can hold it against PyTorch. There is a file for each model, exchange_MODEL.go.
type exchange struct {
	open func(*request) (structure, error)        // nil where the model is several
	step func(*request) (*torch.StateDict, error) // nil where the model has no such verb
}

// exchanges lists the models by their id.
var exchanges = map[string]exchange{
	"attention":           {open: openAttention},
	"charlm":              {open: openCharLM},
	"classifier":          {open: openClassifier},
	"dcgan":               {step: stepDCGAN},
	"dcgan.discriminator": {open: openDiscriminator},
	"dcgan.generator":     {open: openGenerator},
	"encoder":             {open: openEncoder},
	"gan.discriminator":   {open: openGANDiscriminator},
	"gan.generator":       {open: openGANGenerator},
	"gpt":                 {openGPTNet, stepGPT},
	"rnn":                 {openRNN, stepRNN},
	"transformer":         {open: openTransformer},
	"translator":          {openTranslator, stepTranslator},
	"vae":                 {openVAE, stepVAE},
}

// exchangeIDs lists the models that have what the caller asks for.
func exchangeIDs(has func(exchange) bool) []string {
	ids := slices.Sorted(maps.Keys(exchanges))
	return slices.DeleteFunc(ids, func(id string) bool { return !has(exchanges[id]) })
}

func opens(e exchange) bool { return e.open != nil }

// structure is a model as a config makes it, and its forward pass in PyTorch's layout.
type structure struct {
	net     any
	inputs  []input
	forward func(s *model.Scope, in []*graph.Node) map[string]*graph.Node // nil stands for an input that wasn't given
	sizes   map[int]int                                                   // the free sizes that a summary is made with; 1 where not said
}

// request is what the command line of forward or step asks for.
type request struct {
	config          string // JSON
	training        bool
	partial         bool // weights may be missing or unknown; warn is told which
	warn            func(string)
	weights, inputs *torch.StateDict
	backend         compute.Backend
}

// input is a tensor that a model takes. Its sizes are numbers or the free ones below.
type input struct {
	name     string
	dtype    torch.DType
	shape    []int
	optional bool
	below    int // when not 0, the values are indices and must be at least 0 and less than this
	longest  int // when not 0, the largest size of the last axis
}

// mask is an input's dtype that stands for any of numbers: what isn't 0 becomes 1.
const mask torch.DType = "numbers"

// Free sizes: each may be any, and is the same wherever it stands in a model's inputs.
const (
	anySteps = -1 - iota
	anyBatch
	anyLength
	anyKeys
)

// take finds the inputs that a model wants, in their order; an absent optional one is nil. It refuses what the model doesn't know,
// wrong types and wrong shapes, all at once.
func (r *request) take(wanted ...input) ([]*tensors.Tensor, error) {
	var wrong []string
	list := make([]*tensors.Tensor, len(wanted))
	known, free := map[string]bool{}, map[int]int{}
	for i, w := range wanted {
		known[w.name] = true
		t, ok := r.inputs.Get(w.name)
		if ok && w.dtype == mask {
			if ones, err := notZero(t); err == nil {
				t, w.dtype = ones, ones.DType
			}
		}
		switch {
		case !ok && w.optional:
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s is missing", w.name))
		case t.DType != w.dtype:
			wrong = append(wrong, fmt.Sprintf("%s holds %s, it must hold %s", w.name, t.DType, w.dtype))
		case !fits(t.Shape, w.shape, free):
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, it must have %s", w.name, t.Shape, shapeText(w.shape, free)))
		case w.longest > 0 && t.Shape[len(t.Shape)-1] > w.longest:
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, its last axis may be at most %d", w.name, t.Shape, w.longest))
		default:
			value, err := t.ToGoMLX()
			if err == nil {
				err = w.inRange(value)
			}
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%s %v", w.name, err))
			}
			list[i] = value
		}
	}
	for _, name := range r.inputs.Names() {
		if !known[name] {
			wrong = append(wrong, fmt.Sprintf("%s isn't an input of this model", name))
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("--inputs: %s", strings.Join(wrong, "; "))
	}
	return list, nil
}

// notZero is 1 where t isn't 0, as PyTorch's mask == 0 sees it.
func notZero(t torch.Tensor) (torch.Tensor, error) {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	set := make([]bool, n)
	if values, err := t.Float32s(); err == nil {
		for i, v := range values {
			set[i] = v != 0
		}
	} else if slices.Contains([]torch.DType{torch.BOOL, torch.U8, torch.I8, torch.I16, torch.I32, torch.I64}, t.DType) {
		size := len(t.Data) / max(n, 1)
		for i := range set {
			set[i] = slices.ContainsFunc(t.Data[i*size:(i+1)*size], func(b byte) bool { return b != 0 })
		}
	} else {
		return t, err
	}
	ones := torch.Tensor{DType: torch.F32, Shape: t.Shape}
	for _, b := range set {
		bits := uint32(0)
		if b {
			bits = math.Float32bits(1)
		}
		ones.Data = binary.LittleEndian.AppendUint32(ones.Data, bits)
	}
	return ones, nil
}

// inRange checks indices.
func (w input) inRange(t *tensors.Tensor) (err error) {
	if w.below == 0 {
		return nil
	}
	read := tensors.ConstFlatData(t, func(flat []int64) {
		for i, v := range flat {
			if v < 0 || v >= int64(w.below) {
				err = fmt.Errorf("holds %d at place %d, it must hold 0 to %d", v, i, w.below-1)
				return
			}
		}
	})
	return errors.Join(err, read)
}

// fits holds a shape against the wanted one and notes the free sizes.
func fits(shape, wanted []int, free map[int]int) bool {
	if len(shape) != len(wanted) {
		return false
	}
	for i, w := range wanted {
		if w < 0 {
			if _, known := free[w]; !known && shape[i] > 0 {
				free[w] = shape[i]
			}
			w = free[w]
		}
		if shape[i] != w || w == 0 {
			return false
		}
	}
	return true
}

func shapeText(shape []int, free map[int]int) string {
	text := make([]string, len(shape))
	for i, d := range shape {
		text[i] = fmt.Sprint(d)
		if d < 0 {
			text[i] = "any"
			if bound := free[d]; bound > 0 {
				text[i] = fmt.Sprint(bound)
			}
		}
	}
	return "[" + strings.Join(text, " ") + "]"
}

// session is a model's store with the request's weights in it, and a way to run graphs on it.
type session struct {
	*request
	store *model.Store
}

// part is a module with the scope that holds it in the store, which is also the prefix of its names in the weights file; most models
// are one part under "".
type part struct {
	scope  string
	module any
}

// parts is a module of modules.
type parts []part

// Children makes the scopes part of the parameters' names.
func (list parts) Children() []nn.Child {
	if len(list) == 1 && list[0].scope == "" {
		return nn.Children(list[0].module)
	}
	children := make([]nn.Child, len(list))
	for i, p := range list {
		children[i] = nn.Child{Name: p.scope, Part: p.module}
	}
	return children
}

// open loads the weights of the parts.
func (r *request) open(list ...part) (*session, error) {
	diff := torch.Compare(parts(list), r.weights)
	if err := diff.Err(r.partial); err != nil {
		return nil, fmt.Errorf("--weights: %w", err)
	}
	if r.partial && !diff.Empty() {
		r.warn("--weights: " + diff.String())
	}
	s := &session{r, model.NewStore()}
	for _, p := range list {
		own := &torch.StateDict{}
		for _, name := range r.weights.Names() {
			if rest, ok := strings.CutPrefix(name, p.prefix()); ok {
				t, _ := r.weights.Get(name)
				own.Set(rest, t)
			}
		}
		if err := torch.LoadOnto(r.backend, s.scope(p.scope), p.module, own, r.partial); err != nil {
			return nil, fmt.Errorf("--weights: %w", err)
		}
		if r.partial { // what the file lacks, as PyTorch leaves it: fresh
			if err := nn.Create(s.scope(p.scope), p.module, 1); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// prefix is what a part's names begin with in a file.
func (p part) prefix() string {
	if p.scope == "" {
		return ""
	}
	return p.scope + "."
}

func (s *session) scope(name string) *model.Scope {
	if name == "" {
		return s.store.RootScope()
	}
	return s.store.RootScope().At("%s", name)
}

// compile prepares a graph from inputs to named outputs.
func (s *session) compile(fn func(s *model.Scope, inputs []*graph.Node) map[string]*graph.Node) func(inputs ...*tensors.Tensor) (map[string]*tensors.Tensor, error) {
	var names []string
	exec, err := model.NewExec(s.backend, s.store, func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		scope.Store().SetTraining(inputs[0].Graph(), s.training)
		nn.SeedGraph(scope, graph.Const(inputs[0].Graph(), []uint32{0, 0}))
		outputs := fn(scope, inputs)
		names = names[:0]
		for name := range outputs {
			names = append(names, name)
		}
		sort.Strings(names)
		list := make([]*graph.Node, len(names))
		for i, name := range names {
			list[i] = outputs[name]
		}
		return list
	})
	return func(inputs ...*tensors.Tensor) (map[string]*tensors.Tensor, error) {
		if err != nil {
			return nil, err
		}
		args := make([]any, len(inputs))
		for i, t := range inputs {
			args[i] = t
		}
		list, err := exec.Call(args...)
		if err != nil {
			return nil, err
		}
		outputs := map[string]*tensors.Tensor{}
		for i, t := range list {
			outputs[names[i]] = t
		}
		return outputs, nil
	}
}

// forward is the verb of that name, for every model that can be opened.
func forward(r *request, open func(*request) (structure, error)) (*torch.StateDict, error) {
	m, err := open(r)
	if err != nil {
		return nil, err
	}
	in, err := r.take(m.inputs...)
	if err != nil {
		return nil, err
	}
	s, err := r.open(part{"", m.net})
	if err != nil {
		return nil, err
	}
	present := slices.DeleteFunc(slices.Clone(in), func(t *tensors.Tensor) bool { return t == nil })
	out, err := s.compile(func(s *model.Scope, nodes []*graph.Node) map[string]*graph.Node {
		all := make([]*graph.Node, len(in))
		for i, t := range in {
			if t != nil {
				all[i], nodes = nodes[0], nodes[1:]
			}
		}
		return m.forward(s, all)
	})(present...)
	if err != nil {
		return nil, err
	}
	return result(out)
}

// result gathers the outputs of a request for its file.
func result(outputs map[string]*tensors.Tensor) (*torch.StateDict, error) {
	all := &torch.StateDict{}
	for name, t := range outputs {
		value, err := torch.FromGoMLX(t)
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", name, err)
		}
		all.Set(name, value)
	}
	return all, nil
}

// params adds the state_dict of a part, as it stands in the store, to the outputs, each name after "param." and the part's scope.
func (s *session) params(into *torch.StateDict, p part) error {
	state, err := torch.Save(s.scope(p.scope), p.module)
	if err != nil {
		return err
	}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		into.Set("param."+p.prefix()+name, t)
	}
	return nil
}

// gradients names the gradients of params for the outputs, each laid out as PyTorch has its parameter.
func gradients(params []*nn.Param, grads []*graph.Node) map[string]*graph.Node {
	named := map[string]*graph.Node{}
	for i, p := range params {
		g := grads[i]
		if p.Perm != nil {
			g = graph.TransposeAllAxes(g, p.Perm...)
		}
		named["grad."+p.Path()] = g
	}
	return named
}

// steps runs a step on each slice of the inputs along their first axis; see [session.repeat].
func (s *session) steps(inputs []*tensors.Tensor, fn func(s *model.Scope, inputs []*graph.Node) map[string]*graph.Node) (*torch.StateDict, error) {
	cut := make([][]*tensors.Tensor, len(inputs))
	for i, t := range inputs {
		var err error
		if cut[i], err = unstack(t); err != nil {
			return nil, err
		}
	}
	return s.repeat(len(cut[0]), func(step int) []*tensors.Tensor {
		args := make([]*tensors.Tensor, len(cut))
		for i := range cut {
			args[i] = cut[i][step]
		}
		return args
	}, fn)
}

// repeat runs a step count times. Scalars come out stacked, one value a step; what is named grad.* comes from the first step.
func (s *session) repeat(count int, inputs func(step int) []*tensors.Tensor, fn func(s *model.Scope, inputs []*graph.Node) map[string]*graph.Node) (*torch.StateDict, error) {
	s.training = true
	run := s.compile(fn)
	outputs, stacked := map[string]*tensors.Tensor{}, map[string][]float32{}
	for step := range count {
		out, err := run(inputs(step)...)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", step+1, err)
		}
		for name, t := range out {
			if t.IsScalar() {
				stacked[name] = append(stacked[name], tensors.ToScalar[float32](t))
			} else if step == 0 {
				outputs[name] = t
			}
		}
	}
	for name, values := range stacked {
		outputs[name] = tensors.FromFlatDataAndDimensions(values, len(values))
	}
	return result(outputs)
}

// unstack cuts t along its first axis.
func unstack(t *tensors.Tensor) ([]*tensors.Tensor, error) {
	list := make([]*tensors.Tensor, t.Shape().Dim(0))
	shape := shapes.Make(t.DType(), t.Shape().Dimensions[1:]...)
	err := t.ConstBytes(func(all []byte) {
		size := len(all) / len(list)
		for i := range list {
			list[i] = tensors.FromShape(shape)
			list[i].MutableBytes(func(data []byte) { copy(data, all[i*size:]) }) //nolint:errcheck // a fresh local tensor has bytes
		}
	})
	return list, err
}
