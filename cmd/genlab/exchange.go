package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// An exchange is one model behind the verbs forward and step, which run it on tensors from files under PyTorch's names, so that
// anyone can hold it against PyTorch. There is a file for each model, exchange_MODEL.go.
type exchange struct {
	forward func(*request) (*torch.StateDict, error) // nil where the model has no such verb
	step    func(*request) (*torch.StateDict, error)
}

// exchanges lists the models by their id.
var exchanges = map[string]exchange{
	"attention":           {forward: forwardAttention},
	"dcgan":               {step: stepDCGAN},
	"dcgan.discriminator": {forward: forwardDiscriminator},
	"dcgan.generator":     {forward: forwardGenerator},
	"encoder":             {forward: forwardEncoder},
	"gpt":                 {forwardGPT, stepGPT},
	"rnn":                 {forwardRNN, stepRNN},
	"transformer":         {forward: forwardTransformer},
	"translator":          {forwardTranslator, stepTranslator},
	"vae":                 {forwardVAE, stepVAE},
}

// request is what the command line of forward or step asks for.
type request struct {
	config          string // JSON
	training        bool
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
}

// Free sizes: each may be any, and is the same wherever it stands in a model's inputs.
const (
	anySteps = -1 - iota
	anyBatch
	anyLength
	anyKeys
)

// decode fills config with the request's, which may leave fields out but have no others.
func (r *request) decode(config any) error {
	d := json.NewDecoder(strings.NewReader(r.config))
	d.DisallowUnknownFields()
	if err := d.Decode(config); err != nil {
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) {
			return fmt.Errorf("--config: %s is a %s, it must be a %s", typed.Field, typed.Value, typed.Type)
		}
		return fmt.Errorf("--config: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("--config: something follows the JSON object")
	}
	return nil
}

// take finds the inputs that a model wants, in their order; an absent optional one is nil. It refuses what the model doesn't know,
// wrong types and wrong shapes, all at once.
func (r *request) take(wanted ...input) ([]*tensors.Tensor, error) {
	var wrong []string
	list := make([]*tensors.Tensor, len(wanted))
	known, free := map[string]bool{}, map[int]int{}
	for i, w := range wanted {
		known[w.name] = true
		t, ok := r.inputs.Get(w.name)
		switch {
		case !ok && w.optional:
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s is missing", w.name))
		case t.DType != w.dtype:
			wrong = append(wrong, fmt.Sprintf("%s holds %s, it must hold %s", w.name, t.DType, w.dtype))
		case !fits(t.Shape, w.shape, free):
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, it must have %s", w.name, t.Shape, shapeText(w.shape, free)))
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

// open loads the weights of the parts.
func (r *request) open(parts ...part) (*session, error) {
	s := &session{r, model.NewStore()}
	split := make([]*torch.StateDict, len(parts))
	for i := range parts {
		split[i] = &torch.StateDict{}
	}
	for _, name := range r.weights.Names() {
		t, _ := r.weights.Get(name)
		i := slices.IndexFunc(parts, func(p part) bool { return p.scope == "" || strings.HasPrefix(name, p.scope+".") })
		if i < 0 {
			return nil, fmt.Errorf("--weights: %s belongs to none of the model's parts", name)
		}
		split[i].Set(strings.TrimPrefix(name, parts[i].scope+"."), t)
	}
	var wrong []error
	for i, p := range parts {
		if err := torch.LoadOnto(r.backend, s.scope(p.scope), p.module, split[i], false); err != nil {
			wrong = append(wrong, fmt.Errorf("--weights: %w", err))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return s, nil
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

// once opens the parts, runs a graph on the inputs that are there, and gives its outputs. The graph sees nil for an absent input.
func (r *request) once(in []*tensors.Tensor, fn func(s *model.Scope, inputs []*graph.Node) map[string]*graph.Node, parts ...part) (*torch.StateDict, error) {
	s, err := r.open(parts...)
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
		return fn(s, all)
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
	prefix := "param."
	if p.scope != "" {
		prefix += p.scope + "."
	}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		into.Set(prefix+name, t)
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

// steps runs a step on each slice of the inputs along their first axis. Scalars come out stacked, one value a step; what is named
// grad.* comes from the first step.
func (s *session) steps(inputs []*tensors.Tensor, fn func(s *model.Scope, inputs []*graph.Node) map[string]*graph.Node) (*torch.StateDict, error) {
	s.training = true
	count := inputs[0].Shape().Dim(0)
	cut := make([][]*tensors.Tensor, len(inputs))
	for i, t := range inputs {
		var err error
		if cut[i], err = unstack(t); err != nil {
			return nil, err
		}
	}
	run := s.compile(fn)
	outputs, stacked := map[string]*tensors.Tensor{}, map[string][]float32{}
	for step := range count {
		args := make([]*tensors.Tensor, len(cut))
		for i := range cut {
			args[i] = cut[i][step]
		}
		out, err := run(args...)
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
