package dalle

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// drawing is the loop that draws codes: each layer keeps the keys and values of what came, the caption's in one pass and then a code's
// at each step.
type drawing struct {
	net    *Transformer
	guided bool // draw a second time without a caption, and move away from it

	text        *graph.Node // integers [n, text length]
	given       *graph.Node // int32 [n, side·side]: codes to keep
	known       *graph.Node // int32 scalar: how many of the first of them
	noise       *graph.Node // U[0, 1) [side·side, n, vocab], moved off 0
	temperature *graph.Node // scalar
	scale       *graph.Node // scalar: how far to move
}

// codes gives int32 [n, side·side].
func (d *drawing) codes(s *model.Scope) *graph.Node {
	t, side := d.net, d.net.config.Pictures.side()
	places := side * side
	text := d.text
	if d.guided {
		text = graph.Concatenate([]*graph.Node{text, graph.ZerosLike(text)}, 0)
	}
	logits, state := d.start(s, t.embedText(s, text))
	state = append([]*graph.Node{logits}, state...)
	inputs := []*graph.Node{d.noise, graph.Transpose(d.given, 0, 1), d.masks()}
	_, drawn := nn.Scan(nn.ScanConfig{Length: places, Unroll: nn.UnrollNever, NoGradient: true}, state, inputs,
		func(place *graph.Node, state, in []*graph.Node) (next, y []*graph.Node) {
			code := d.code(state[0], in[0])
			kept := graph.LessThan(place, d.known)
			code = graph.Where(graph.BroadcastToShape(kept, shapes.Make(dtypes.Bool, code.Shape().Dimensions...)), in[1], code)
			twice := code
			if d.guided {
				twice = graph.Concatenate([]*graph.Node{code, code}, 0)
			}
			x := graph.Add(t.Codes.Forward(s, graph.InsertAxes(twice, -1)), graph.InsertAxes(t.places(s, graph.Reshape(place, 1)), 0))
			logits, caches := d.step(s, x, place, in[2], state[1:])
			return append([]*graph.Node{logits}, caches...), []*graph.Node{code}
		})
	return graph.Transpose(drawn[0], 0, 1)
}

// code draws one of each row of logits [n or, guided, 2·n, vocab] by noise U[0, 1) [n, vocab]: int32 [n].
func (d *drawing) code(logits, noise *graph.Node) *graph.Node {
	if d.guided {
		halves := graph.Split(logits, 0, 2)
		logits = Guide(halves[0], halves[1], d.scale)
	}
	logits = graph.Div(logits, graph.MaxScalar(d.temperature, 1e-6))
	// The Gumbel trick, as in [nn.Drawing].
	return nn.ArgMax(graph.Sub(logits, graph.Log(graph.Neg(graph.Log(graph.MaxScalar(noise, 0x1p-25))))))
}

// start runs the caption through the layers: logits of the first code, [rows, vocab], and each layer's caches with room for all codes.
func (d *drawing) start(s *model.Scope, x *graph.Node) (logits *graph.Node, caches []*graph.Node) {
	t, length := d.net, x.Shape().Dim(1)
	mask := nn.Causal(x.Graph(), length)
	room := length + t.config.Pictures.side()*t.config.Pictures.side()
	for _, layer := range t.Layers {
		x = layer.ForwardWith(s, x, func(x *graph.Node) *graph.Node {
			q, k, v := layer.SelfAttention.QueryKeysValues(s, x)
			caches = append(caches, nn.Lengthen(nn.KeysLast(k), 2, room), nn.Lengthen(nn.HeadsFirst(v), 1, room))
			y, _ := layer.SelfAttention.Attend(s, q, k, v, mask)
			return y
		})
	}
	last := graph.SliceAxis(x, 1, graph.AxisRangeToEnd(length-1))
	return d.codeLogits(s, last), caches
}

// step runs the vectors of one place, [rows, 1, embed], through the layers. masks: bool [kinds, 1 + text length + side·side], what the
// place may see.
func (d *drawing) step(s *model.Scope, x, place, masks *graph.Node, caches []*graph.Node) (logits *graph.Node, next []*graph.Node) {
	t := d.net
	at := graph.AddScalar(place, t.config.TextLength+1)
	for i, layer := range t.Layers {
		mask := graph.Reshape(graph.Slice(masks, graph.AxisElem(i)), 1, 1, 1, -1)
		x = layer.ForwardWith(s, x, func(x *graph.Node) *graph.Node {
			q, k, v := layer.SelfAttention.QueryKeysValues(s, x)
			keys := nn.PutAt(caches[2*i], nn.KeysLast(k), at, 2)
			values := nn.PutAt(caches[2*i+1], nn.HeadsFirst(v), at, 1)
			next = append(next, keys, values)
			return layer.SelfAttention.AttendCache(s, q, keys, values, mask)
		})
	}
	return d.codeLogits(s, x), next
}

func (d *drawing) codeLogits(s *model.Scope, x *graph.Node) *graph.Node {
	return graph.SliceAxis(graph.Squeeze(d.net.logits(s, x), 1), 1, graph.AxisRangeToEnd(d.net.config.textTokens()))
}

// masks are what each place may see in each layer, bool [side·side, layers, 1 + text length + side·side].
func (d *drawing) masks() *graph.Node {
	c := d.net.config
	side := c.Pictures.side()
	list := make([][][]bool, side*side)
	for i, kind := range d.net.attention {
		// One place more than a training sees, for the last code's own step, whose outcome nobody asks for.
		for place, row := range visible(kind, c.TextLength, side)[c.TextLength+1:] {
			if i == 0 {
				list[place] = make([][]bool, len(d.net.attention))
			}
			list[place][i] = append(row, false)
		}
	}
	last := side*side - 1
	list[last] = make([][]bool, len(d.net.attention))
	for i := range list[last] {
		list[last][i] = make([]bool, c.TextLength+1+side*side)
		list[last][i][0] = true
	}
	return graph.Const(d.text.Graph(), list)
}

// whole draws the same codes by a whole pass for each, as a check and to see what it costs.
func (d *drawing) whole(s *model.Scope) *graph.Node {
	t, places := d.net, d.given.Shape().Dim(1)
	column := graph.Iota(d.given.Graph(), shapes.Make(dtypes.Int32, 1, places), 1)
	final, _ := nn.Scan(nn.ScanConfig{Length: places, Unroll: nn.UnrollNever, NoGradient: true}, []*graph.Node{graph.ZerosLike(d.given)},
		[]*graph.Node{d.noise, graph.Transpose(d.given, 0, 1)}, func(place *graph.Node, state, in []*graph.Node) (next, y []*graph.Node) {
			codes, text := state[0], d.text
			if d.guided {
				codes, text = graph.Concatenate([]*graph.Node{codes, codes}, 0), graph.Concatenate([]*graph.Node{text, graph.ZerosLike(text)}, 0)
			}
			_, logits := t.Forward(s, text, codes)
			code := d.code(graph.Squeeze(nn.TakeAt(logits, place, 1), 1), in[0])
			kept := graph.LessThan(place, d.known)
			code = graph.Where(graph.BroadcastToShape(kept, shapes.Make(dtypes.Bool, code.Shape().Dimensions...)), in[1], code)
			here := graph.BroadcastToShape(graph.Equal(column, graph.BroadcastToShape(place, column.Shape())), shapes.Make(dtypes.Bool, state[0].Shape().Dimensions...))
			return []*graph.Node{graph.Where(here, graph.BroadcastToShape(graph.InsertAxes(code, -1), state[0].Shape()), state[0])}, nil
		})
	return final[0]
}
