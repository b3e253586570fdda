package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Scores is scale·q·kᵀ for each head.
// q: [batch, query, heads, dim], k: [batch, key, heads, dim], result: [batch, heads, query, key].
func Scores(q, k *graph.Node, scale float64) *graph.Node {
	return graph.EinsumAxes(graph.MulScalar(q, scale), k, [][2]int{{3, 3}}, [][2]int{{0, 0}, {2, 2}})
}

// Mix sums the values with the weights of each head.
// weights: [batch, heads, query, key], v: [batch, key, heads, dim], result: [batch, query, heads, dim].
func Mix(weights, v *graph.Node) *graph.Node {
	mixed := graph.EinsumAxes(weights, v, [][2]int{{3, 1}}, [][2]int{{0, 0}, {1, 2}})
	return graph.TransposeAllAxes(mixed, 0, 2, 1, 3)
}

// MaskedSoftmax is the softmax over the last axis among what allowed, bool and broadcast to scores, lets through; the rest gets 0.
// A row that allows nothing is all zeros, as in PyTorch's scaled_dot_product_attention since 2.5. allowed may be nil, or floats, which are
// added to scores; then a row of -Inf alone is NaN, as in PyTorch.
func MaskedSoftmax(scores, allowed *graph.Node) *graph.Node {
	if allowed == nil {
		return graph.Softmax(scores, -1)
	}
	if allowed.DType().IsFloat() {
		return graph.Softmax(graph.Add(scores, allowed), -1)
	}
	allowed = graph.BroadcastToShape(allowed, shapes.Make(dtypes.Bool, scores.Shape().Dimensions...))
	// Finite, for a row of -Inf alone would be NaN.
	weights := graph.Softmax(graph.Where(allowed, scores, graph.AddScalar(graph.ZerosLike(scores), -1e30)), -1)
	return graph.Where(allowed, weights, graph.ZerosLike(weights))
}

// Causal allows position i to look at positions up to i: bool [1, 1, length, length].
func Causal(g *graph.Graph, length int) *graph.Node {
	return graph.InsertAxes(graph.LowerTriangular(g, length), 0, 0)
}

// KeyMask makes a mask for attention from one for tokens: real, bool [batch, key], to [batch, 1, 1, key].
func KeyMask(real *graph.Node) *graph.Node { return graph.InsertAxes(real, 1, 1) }

// MultiheadAttention is PyTorch's nn.MultiheadAttention with batch_first (Vaswani et al., "Attention is all you need", 2017,
// section 3.2.2): the projections of query, key and value stand above each other in one weight.
type MultiheadAttention struct {
	AttentionConfig
	// Block, when positive, computes the scores for that many keys at a time and, when training, a second time for the
	// gradient, so that memory grows with the length and not its square.
	Block int

	InWeight    *Param   `nn:"in_proj_weight"` // [3·embed, embed]; nil where keys or values have another width
	QueryWeight *Param   `nn:"q_proj_weight"`  // [embed, embed]; nil with InWeight, as are the next two
	KeyWeight   *Param   `nn:"k_proj_weight"`  // [embed, key dim]
	ValueWeight *Param   `nn:"v_proj_weight"`  // [embed, value dim]
	InBias      *Param   `nn:"in_proj_bias"`   // [3·embed]; nil without
	BiasK       *Param   `nn:"bias_k"`         // [1, 1, embed]; nil without
	BiasV       *Param   `nn:"bias_v"`         // [1, 1, embed]; nil without
	Out         *Linear  `nn:"out_proj"`
	Dropout     *Dropout // of the weights; no part of the state or the print
}

// AttentionConfig says what attention is; PyTorch's arguments.
type AttentionConfig struct {
	Embed, Heads int // Heads divides Embed
	KeyDim       int // the keys' width, PyTorch's kdim; 0 is Embed
	ValueDim     int // the values' width, PyTorch's vdim; 0 is Embed
	NoBias       bool
	BiasKV       bool // one more key and value, which are trained: PyTorch's add_bias_kv
	ZeroKey      bool // one more key and value of zeros: PyTorch's add_zero_attn
}

// NewMultiheadAttention has PyTorch's defaults and initialisation: Xavier's uniform rule for the projections, biases of zero. heads
// divides embed.
func NewMultiheadAttention(embed, heads int, dropout float64) *MultiheadAttention {
	return NewAttention(AttentionConfig{Embed: embed, Heads: heads}, dropout)
}

// NewAttention is [NewMultiheadAttention] with options.
func NewAttention(c AttentionConfig, dropout float64) *MultiheadAttention {
	if err := CheckHeads("attention", "Embed", c.Embed, "Heads", c.Heads); err != nil {
		panic(errorf("%w", err))
	}
	a := &MultiheadAttention{AttentionConfig: c, Out: NewLinear(c.Embed, c.Embed, !c.NoBias), Dropout: &Dropout{P: dropout}}
	a.Out.class = "NonDynamicallyQuantizableLinear"
	weight := func(rows, columns int) *Param {
		return &Param{Shape: []int{rows, columns}, Init: XavierInit(columns, rows)}
	}
	if kdim, vdim := a.widths(); kdim == c.Embed && vdim == c.Embed {
		a.InWeight = weight(3*c.Embed, c.Embed)
	} else {
		a.QueryWeight, a.KeyWeight, a.ValueWeight = weight(c.Embed, c.Embed), weight(c.Embed, kdim), weight(c.Embed, vdim)
	}
	if !c.NoBias {
		a.InBias = &Param{Shape: []int{3 * c.Embed}}
		a.Out.Bias.Init = nil
	}
	if c.BiasKV { // Xavier's normal rule, whose fans PyTorch counts as embed both
		for _, p := range []**Param{&a.BiasK, &a.BiasV} {
			*p = &Param{Shape: []int{1, 1, c.Embed}, Init: NormalInit(0, math.Sqrt(1/float64(c.Embed)))}
		}
	}
	return a
}

// widths are those of keys and values.
func (c AttentionConfig) widths() (key, value int) {
	key, value = c.KeyDim, c.ValueDim
	if key == 0 {
		key = c.Embed
	}
	if value == 0 {
		value = c.Embed
	}
	return key, value
}

// XavierInit draws from U(±√(6/(in+out))) (Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
// networks", 2010, equation 16).
func XavierInit(in, out int) Init { return UniformInit(math.Sqrt(6 / float64(in+out))) }

// String is the name that PyTorch prints.
func (a *MultiheadAttention) String() string { return "MultiheadAttention" }

// Forward lets query look at source where mask allows; for self-attention both are one node.
// query: [batch, query, embed], source: [batch, key, embed], mask: broadcast to [batch, heads, query, key], bool, floats that are added
// to the scores, or nil; out: [batch, query, embed], weights: [batch, heads, query, key], before dropout (nil when computed in blocks).
func (a *MultiheadAttention) Forward(s *model.Scope, query, source, mask *graph.Node) (out, weights *graph.Node) {
	return a.ForwardKV(s, query, source, source, mask)
}

// ForwardKV is [MultiheadAttention.Forward] where keys, [batch, key, key dim], and values, [batch, key, value dim], are computed from
// different things.
func (a *MultiheadAttention) ForwardKV(s *model.Scope, query, key, value, mask *graph.Node) (out, weights *graph.Node) {
	var q, k, v *graph.Node
	switch {
	case query == key && key == value:
		q, k, v = a.QueryKeysValues(s, query)
	case key == value:
		q = a.Query(s, query)
		k, v = a.KeysValues(s, key)
	default:
		q, k, v = a.Query(s, query), a.project(s, key, 1, 2)[0], a.project(s, value, 2, 3)[0]
	}
	for _, more := range []struct {
		add        bool
		key, value *Param // zeros where nil
	}{{a.BiasKV, a.BiasK, a.BiasV}, {a.ZeroKey, nil, nil}} {
		if more.add {
			k, v, mask = a.oneMore(s, k, more.key), a.oneMore(s, v, more.value), oneMoreKey(mask, k.Shape().Dim(1))
		}
	}
	return a.Attend(s, q, k, v, mask)
}

// oneMore adds a row to keys or values, [batch, key, heads, dim].
func (a *MultiheadAttention) oneMore(s *model.Scope, x *graph.Node, row *Param) *graph.Node {
	d := slices.Clone(x.Shape().Dimensions)
	d[1] = 1
	more := emptyLike(x, d...)
	if row != nil {
		more = graph.BroadcastToDims(graph.Reshape(row.Node(s, x.Graph()), 1, 1, d[2], d[3]), d...)
	}
	return concat([]*graph.Node{x, more}, 1)
}

// oneMoreKey has a mask allow a key after keys others.
func oneMoreKey(mask *graph.Node, keys int) *graph.Node {
	if mask == nil {
		return nil
	}
	d := slices.Clone(mask.Shape().Dimensions)
	last := len(d) - 1
	d[last] = keys
	mask = graph.BroadcastToDims(mask, d...)
	d[last] = 1
	if mask.DType().IsFloat() {
		return concat([]*graph.Node{mask, emptyLike(mask, d...)}, last)
	}
	return graph.Concatenate([]*graph.Node{mask, graph.BroadcastToDims(graph.Const(mask.Graph(), true), d...)}, last)
}

// Query projects x: [batch, length, embed] to [batch, length, heads, dim].
func (a *MultiheadAttention) Query(s *model.Scope, x *graph.Node) *graph.Node {
	return a.project(s, x, 0, 1)[0]
}

// KeysValues projects what is looked at, [batch, length, embed], to keys and values, [batch, length, heads, dim]: what a cache keeps.
func (a *MultiheadAttention) KeysValues(s *model.Scope, x *graph.Node) (k, v *graph.Node) {
	kv := a.project(s, x, 1, 3)
	return kv[0], kv[1]
}

// QueryKeysValues projects x: [batch, length, embed] to all three.
func (a *MultiheadAttention) QueryKeysValues(s *model.Scope, x *graph.Node) (q, k, v *graph.Node) {
	qkv := a.project(s, x, 0, 3)
	return qkv[0], qkv[1], qkv[2]
}

// Attend weighs projected values and projects the result; shapes as in [MultiheadAttention.Forward].
func (a *MultiheadAttention) Attend(s *model.Scope, q, k, v, mask *graph.Node) (out, weights *graph.Node) {
	scale := 1 / math.Sqrt(float64(a.Embed/a.Heads))
	var mixed *graph.Node
	if a.Block > 0 && k.Shape().Dim(1) > a.Block {
		if mask != nil && mask.DType().IsFloat() {
			panic(errorf("attention in blocks takes a mask of bools, was given %s", mask.Shape()))
		}
		mixed = a.blocks(s, q, k, v, mask, scale)
	} else {
		weights = MaskedSoftmax(Scores(q, k, scale), mask)
		mixed = Mix(a.Dropout.Forward(s, weights), v)
	}
	return a.Out.Forward(s, graph.Reshape(mixed, q.Shape().Dim(0), q.Shape().Dim(1), a.Embed)), weights
}

// AttendCache is [MultiheadAttention.Attend] where keys and values lie as a cache keeps them, [batch·heads, dim, key] ([KeysLast]) and
// [batch·heads, key, dim] ([HeadsFirst]).
func (a *MultiheadAttention) AttendCache(s *model.Scope, q, k, v, mask *graph.Node) *graph.Node {
	return a.Out.Forward(s, AttendHeads(s, q, k, v, mask, a.Dropout))
}

// AttendHeads weighs the values by softmax(q·kᵀ/√dim): [batch, query, heads·dim]. q: [batch, query, heads, dim], k:
// [batch·kv heads, dim, key] ([KeysLast]), v: [batch·kv heads, key, dim] ([HeadsFirst]); heads may be a multiple of kv heads, whose
// queries then share them (Ainslie et al., "GQA", 2023). mask: bool, broadcast to [batch, heads, query, key], true where a query may
// look. dropout is of the weights.
func AttendHeads(s *model.Scope, q, k, v, mask *graph.Node, dropout *Dropout) *graph.Node {
	batch, length, heads, dim := q.Shape().Dim(0), q.Shape().Dim(1), q.Shape().Dim(2), q.Shape().Dim(3)
	if rows := k.Shape().Dim(0); rows%batch != 0 || batch*heads%rows != 0 {
		panic(errorf("attention of %d heads in a batch of %d takes keys of [batch·kv heads, dim, key], was given %s", heads, batch, k.Shape()))
	}
	q = HeadsFirst(graph.MulScalar(q, 1/math.Sqrt(float64(dim))))
	q = graph.Reshape(q, k.Shape().Dim(0), -1, dim) // the queries that share a head of keys in one matrix
	scores := graph.EinsumAxes(q, k, [][2]int{{2, 1}}, [][2]int{{0, 0}})
	weights := dropout.Forward(s, MaskedSoftmax(graph.Reshape(scores, batch, heads, length, -1), mask))
	mixed := graph.EinsumAxes(graph.Reshape(weights, scores.Shape().Dimensions...), v, [][2]int{{2, 1}}, [][2]int{{0, 0}})
	return graph.Reshape(HeadsLast(graph.Reshape(mixed, batch*heads, length, dim), batch), batch, length, heads*dim)
}

// HeadsFirst is x: [batch, length, heads, dim] as [batch·heads, length, dim], in which one batched product takes all heads.
func HeadsFirst(x *graph.Node) *graph.Node {
	return graph.Reshape(graph.TransposeAllAxes(x, 0, 2, 1, 3), -1, x.Shape().Dim(1), x.Shape().Dim(3))
}

// KeysLast is x: [batch, length, heads, dim] as [batch·heads, dim, length], which a product with queries takes as it lies: XLA would lay
// out the keys of a cache anew at every step.
func KeysLast(x *graph.Node) *graph.Node {
	return graph.Reshape(graph.TransposeAllAxes(x, 0, 2, 3, 1), -1, x.Shape().Dim(3), x.Shape().Dim(1))
}

// EmptyCache is room for the keys, [rows, dim, size], and values, [rows, size, dim], of size positions; rows are batch·kv heads.
func EmptyCache(g *graph.Graph, rows, dim, size int) (keys, values *graph.Node) {
	return graph.Zeros(g, shapes.Make(dtypes.Float32, rows, dim, size)), graph.Zeros(g, shapes.Make(dtypes.Float32, rows, size, dim))
}

// HeadsLast is [HeadsFirst] turned back: [batch·heads, length, dim] to [batch, length, heads, dim].
func HeadsLast(x *graph.Node, batch int) *graph.Node {
	return graph.TransposeAllAxes(graph.Reshape(x, batch, -1, x.Shape().Dim(1), x.Shape().Dim(2)), 0, 2, 1, 3)
}

// project applies the projections from, …, to-1 of query, key and value.
func (a *MultiheadAttention) project(s *model.Scope, x *graph.Node, from, to int) []*graph.Node {
	if a.InWeight == nil && to-from > 1 {
		return append(a.project(s, x, from, from+1), a.project(s, x, from+1, to)...)
	}
	g, rows := x.Graph(), graph.AxisRange(from*a.Embed, to*a.Embed)
	var weight *graph.Node
	if a.InWeight != nil {
		weight = graph.Slice(a.InWeight.Node(s, g), rows)
	} else {
		weight = []*Param{a.QueryWeight, a.KeyWeight, a.ValueWeight}[from].Node(s, g)
	}
	if x.Rank() != 3 || x.Shape().Dim(-1) != weight.Shape().Dim(1) {
		panic(errorf("attention %q takes [batch, length, %d], was given %s", a.Out.Weight.path, weight.Shape().Dim(1), x.Shape()))
	}
	batch, length := x.Shape().Dim(0), x.Shape().Dim(1)
	y := timesTransposed(graph.Reshape(x, -1, x.Shape().Dim(2)), weight)
	if a.InBias != nil {
		y = graph.Add(y, graph.InsertAxes(graph.Slice(a.InBias.Node(s, g), rows), 0))
	}
	parts := make([]*graph.Node, to-from)
	for i := range parts {
		part := graph.SliceAxis(y, 1, graph.AxisRange(i*a.Embed, (i+1)*a.Embed))
		parts[i] = graph.Reshape(part, batch, length, a.Heads, a.Embed/a.Heads)
	}
	return parts
}

// CheckHeads reports a width that doesn't divide evenly among heads. what names the model, width and heads the fields.
func CheckHeads(what, width string, embed int, field string, heads int) error {
	switch {
	case embed < 1:
		return fmt.Errorf("%s: %s is %d: it must be at least 1", what, width, embed)
	case heads < 1:
		return fmt.Errorf("%s: %s is %d: it must be at least 1", what, field, heads)
	case embed > MaxSize:
		return CheckSize(what, width, embed, 1, MaxSize)
	case embed%heads != 0:
		return fmt.Errorf("%s: %s is %d and %s %d: %s must be a multiple of %s, such as %d", what, width, embed, field, heads, width, field,
			(embed/heads+1)*heads)
	}
	return nil
}
