package vit

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Rollout tells how much each patch of pictures takes part in what the classes are told by: the attention of all layers multiplied
// through, the mean over heads and half of each token's own share at every layer (Abnar & Zuidema, "Quantifying attention flow in
// transformers", 2020, section 4). pictures as [Model.Classify] takes them; result: [pictures][patches], row by row.
func (m *Model) Rollout(ctx context.Context, pictures [][]float32) ([][]float32, error) {
	if len(pictures) == 0 {
		return nil, fmt.Errorf("vit: no picture was given")
	}
	x, err := m.batch(pictures)
	if err != nil {
		return nil, err
	}
	out, err := m.run.Call(ctx, "roll the attention out", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{m.net.rollout(m.net.Forward(s, inputs[0]).Attentions)}
	}, x)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// rollout gives [batch, patches] from each layer's weights, [batch, heads, tokens, tokens].
func (n *Net) rollout(attentions []*graph.Node) *graph.Node {
	var product *graph.Node // [batch, tokens, tokens]
	for _, weights := range attentions {
		mean := graph.ReduceMean(weights, 1)
		own := graph.InsertAxes(graph.DiagonalWithValue(graph.ScalarOne(mean.Graph(), mean.DType()), mean.Shape().Dim(1)), 0)
		mean = graph.MulScalar(graph.Add(mean, own), 0.5)
		if product == nil {
			product = mean
		} else {
			product = graph.EinsumAxes(mean, product, [][2]int{{2, 1}}, [][2]int{{0, 0}})
		}
	}
	first := n.Encoder.Embeddings.before()
	patches := graph.SliceAxis(product, 2, graph.AxisRangeToEnd(first))
	if n.mean {
		return graph.ReduceMean(graph.SliceAxis(patches, 1, graph.AxisRangeToEnd(first)), 1)
	}
	return graph.Squeeze(graph.SliceAxis(patches, 1, graph.AxisElem(0)), 1)
}

// PositionSimilarity is the cosine between the positions of any two patches, [patches][patches], row by row (Dosovitskiy et al.,
// figure 7). It is an error for a model without positions.
func (m *Model) PositionSimilarity(ctx context.Context) ([][]float32, error) {
	n := m.Config.grid()
	if m.Config.Positions == None {
		return nil, fmt.Errorf("vit: positions is %q: it must be %q or %q for a similarity", None, Learned, Sinusoidal)
	}
	out, err := m.run.Call(ctx, "compare positions", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		_, patches := m.net.Encoder.Embeddings.positions(s, inputs[0].Graph(), n, n)
		p := graph.Reshape(patches, n*n, -1)
		p = graph.Div(p, graph.Sqrt(graph.ReduceAndKeep(graph.Square(p), graph.ReduceSum, -1)))
		return []*graph.Node{graph.EinsumAxes(p, p, [][2]int{{1, 1}}, nil)}
	}, float32(0))
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// Attention is who looks at whom in one picture: [layers][heads][tokens][tokens], each row summing to 1; the class token, where there is one,
// is the first, and the patches come last, row by row.
func (m *Model) Attention(ctx context.Context, picture []float32) ([][][][]float32, error) {
	x, err := m.batch([][]float32{picture})
	if err != nil {
		return nil, err
	}
	out, err := m.run.Call(ctx, "look at the attention", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.Concatenate(m.net.Forward(s, inputs[0]).Attentions, 0)}
	}, x)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][][][]float32), nil
}

// AttentionDistance is how far away, in pixels, what each head attends to lies, the mean over patches and pictures, by attention among
// patches alone: [layers][heads] (Dosovitskiy et al., figure 7 and appendix D.7).
func (m *Model) AttentionDistance(ctx context.Context, pictures [][]float32) ([][]float64, error) {
	if len(pictures) == 0 {
		return nil, fmt.Errorf("vit: no picture was given")
	}
	n := m.Config.grid()
	first := m.net.Encoder.Embeddings.before()
	mean := make([][]float64, m.Config.Layers)
	for layer := range mean {
		mean[layer] = make([]float64, m.Config.Heads)
	}
	for _, picture := range pictures {
		layers, err := m.Attention(ctx, picture)
		if err != nil {
			return nil, err
		}
		for layer, heads := range layers {
			for head, rows := range heads {
				mean[layer][head] += distance(rows[first:], first, n) * float64(m.Config.PatchSize) / float64(len(pictures))
			}
		}
	}
	return mean, nil
}

// distance is the mean distance, in patches of a grid of n·n, of what rows of attention look at; what stands before first is no patch.
func distance(rows [][]float32, first, n int) float64 {
	var sum float64
	for from, row := range rows {
		var far, all float64
		for to, weight := range row[first:] {
			far += float64(weight) * math.Hypot(float64(from/n-to/n), float64(from%n-to%n))
			all += float64(weight)
		}
		sum += far / all / float64(len(rows))
	}
	return sum
}

// Filters are what the patch embedding multiplies patches by, [embed][patch·patch·channels], row by row.
func (m *Model) Filters(ctx context.Context) ([][]float32, error) {
	weight := m.net.Encoder.Embeddings.Patches.Projection.Weight
	out, err := m.run.Call(ctx, "read the filters", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		w := graph.Reshape(weight.Node(s, inputs[0].Graph()), -1, m.Config.Embed) // [patch·patch·channels, embed]
		return []*graph.Node{graph.Add(graph.Transpose(w, 0, 1), inputs[0])}
	}, float32(0))
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}
