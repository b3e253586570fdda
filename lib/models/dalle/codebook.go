package dalle

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Codebook is a VQ-VAE's (van den Oord, Vinyals & Kavukcuoglu, "Neural discrete representation learning", 2017): a vector for each code.
// No gradient moves it: a code is the running mean of the vectors that were nearest to it (appendix A.1).
type Codebook struct {
	Embed *nn.Param `nn:"embed"` // [vocab, width]
	Count *nn.Param `nn:"count"` // [vocab]: how many vectors of a batch were nearest to each, as a running mean

	decay float64
}

// A code whose count falls below rare is dead and begins anew at some vector of the batch, counted as fresh (Dhariwal et al., "Jukebox", 2020,
// section 3.1): so one that nothing is near moves on after some twenty steps, and one that is needed once in five batches stays.
const rare, fresh = 0.2, 0.25

func newCodebook(vocab, width int) *Codebook {
	return &Codebook{
		Embed: &nn.Param{Shape: []int{vocab, width}, Buffer: true, Init: nn.NormalInit(0, 1/math.Sqrt(float64(width)))},
		Count: &nn.Param{Shape: []int{vocab}, Buffer: true, Init: nn.ConstInit(fresh)},
		decay: 0.99,
	}
}

// String is the class of the peer.
func (*Codebook) String() string { return "Codebook()" }

// Nearest gives the nearest code of each vector, int32 [...]. h: [..., width].
func (c *Codebook) Nearest(s *model.Scope, h *graph.Node) *graph.Node {
	e := c.Embed.Node(s, h.Graph())
	dims := h.Shape().Dimensions
	flat := graph.Reshape(h, -1, dims[len(dims)-1])
	// |h - e|² without |h|², which is the same for all codes.
	near := graph.Sub(graph.MulScalar(graph.EinsumAxes(flat, e, [][2]int{{1, 1}}, nil), 2), graph.InsertAxes(graph.ReduceSum(graph.Square(e), -1), 0))
	return graph.Reshape(nn.ArgMax(near), dims[:len(dims)-1]...)
}

// Vectors gives those of codes, integers [...]: [..., width].
func (c *Codebook) Vectors(s *model.Scope, codes *graph.Node) *graph.Node {
	return graph.Gather(c.Embed.Node(s, codes.Graph()), graph.InsertAxes(codes, -1))
}

// Quantize gives each vector's nearest in the book, with the gradient passed straight through to h, and the mean square between both, by
// which the encoder stays near its codes (equation 3, third term). h: [batch, rows, columns, width].
func (c *Codebook) Quantize(s *model.Scope, h *graph.Node) (z, codes, commitment *graph.Node) {
	codes = c.Nearest(s, graph.StopGradient(h))
	near := graph.StopGradient(c.Vectors(s, codes))
	commitment = graph.ReduceAllMean(graph.Square(graph.Sub(h, near)))
	return graph.Add(h, graph.StopGradient(graph.Sub(near, h))), codes, commitment
}

// Follow moves the book towards the vectors of a batch, [batch, rows, columns, width], which have the given codes. noise: U[0, 1) [vocab],
// which chooses the vectors that dead codes begin from.
func (c *Codebook) Follow(s *model.Scope, h, codes, noise *graph.Node) {
	g, vocab, width := h.Graph(), c.Embed.Shape[0], c.Embed.Shape[1]
	flat := graph.StopGradient(graph.Reshape(h, -1, width))
	hot := graph.OneHot(graph.Reshape(codes, -1), vocab, dtypes.Float32) // [vectors, vocab]
	embed, kept := c.Embed.Node(s, g), graph.MulScalar(c.Count.Node(s, g), c.decay)
	count := graph.Add(kept, graph.MulScalar(graph.ReduceSum(hot, 0), 1-c.decay))
	now := graph.MulScalar(graph.EinsumAxes(hot, flat, [][2]int{{0, 0}}, nil), 1-c.decay) // [vocab, width]
	mean := graph.Div(graph.Add(graph.Mul(embed, graph.InsertAxes(kept, -1)), now), graph.InsertAxes(count, -1))

	dead := graph.LessThan(count, graph.AddScalar(graph.ZerosLike(count), rare))
	rows := graph.ConvertDType(graph.MulScalar(noise, float64(flat.Shape().Dim(0))), dtypes.Int32)
	begun := graph.Gather(flat, graph.InsertAxes(rows, -1))
	wide := graph.BroadcastToDims(graph.InsertAxes(dead, -1), vocab, width)
	c.Embed.Set(s, graph.Where(wide, begun, mean))
	c.Count.Set(s, graph.Where(dead, graph.AddScalar(graph.ZerosLike(count), fresh), count))
}
