package vit

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Embeddings turns pictures to tokens: each patch by one linear map, a convolution whose stride is its kernel, plus its position; before
// them come tokens that stand for no patch.
type Embeddings struct {
	Class        *nn.Param `nn:"cls_token"`           // [1, 1, embed]; nil where the patches' mean is taken
	Distillation *nn.Param `nn:"distillation_token"`  // [1, 1, embed]; nil without
	Registers    *nn.Param `nn:"register_tokens"`     // [1, registers, embed]; nil without
	Positions    *nn.Param `nn:"position_embeddings"` // [1, tokens without registers, embed]; nil where they aren't learned
	Patches      *patches  `nn:"patch_embeddings"`

	config Config
}

type patches struct {
	Projection *nn.Conv `nn:"projection"`
}

func (*Embeddings) String() string { return "ViTEmbeddings" }
func (*patches) String() string    { return "ViTPatchEmbeddings" }

func newEmbeddings(c Config) *Embeddings {
	tokens := func(n int) *nn.Param {
		return &nn.Param{Shape: []int{1, n, c.Embed}, Init: nn.NormalInit(0, std)}
	}
	project := nn.NewConv2d(c.Channels, c.Embed, []int{c.PatchSize}, nn.ConvOptions{Stride: []int{c.PatchSize}})
	project.Weight.Init, project.Bias.Init = nn.NormalInit(0, std), nil
	e := &Embeddings{Patches: &patches{project}, config: c}
	if c.Pool == ClassToken {
		e.Class = tokens(1)
	}
	if c.Distilled {
		e.Distillation = tokens(1)
	}
	if c.Registers > 0 {
		e.Registers = tokens(c.Registers)
	}
	if c.Positions == Learned {
		e.Positions = tokens(c.placed() + c.grid()*c.grid())
	}
	return e
}

// before is the number of tokens before the patches.
func (e *Embeddings) before() int { return e.config.placed() + e.config.Registers }

// Forward gives the tokens, [batch, tokens, embed], of pictures, [batch, height, width, channels].
func (e *Embeddings) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	e.checkPictures(x)
	g, batch, embed := x.Graph(), x.Shape().Dim(0), e.config.Embed
	h := e.Patches.Projection.Forward(s, x)
	height, width := h.Shape().Dim(1), h.Shape().Dim(2)
	h = graph.Reshape(h, batch, height*width, embed)

	placed, patches := e.positions(s, g, height, width)
	if patches != nil {
		h = graph.Add(h, patches)
	}
	var tokens []*graph.Node
	for _, p := range []*nn.Param{e.Class, e.Distillation} {
		if p == nil {
			continue
		}
		token := p.Node(s, g)
		if placed != nil {
			token = graph.Add(token, graph.SliceAxis(placed, 1, graph.AxisElem(len(tokens))))
		}
		tokens = append(tokens, token)
	}
	if e.Registers != nil {
		tokens = append(tokens, e.Registers.Node(s, g))
	}
	for i, t := range tokens {
		tokens[i] = graph.BroadcastToDims(t, batch, t.Shape().Dim(1), embed)
	}
	if len(tokens) == 0 {
		return h
	}
	return graph.Concatenate(append(tokens, h), 1)
}

// positions are those of the tokens before the patches, [1, placed, embed], and of the patches, [1, height·width, embed]; nil for none.
// Learned ones of another grid are resized as a picture (Dosovitskiy et al., section 3.2), by PyTorch's bicubic rule.
func (e *Embeddings) positions(s *model.Scope, g *graph.Graph, height, width int) (placed, patches *graph.Node) {
	c := e.config
	switch c.Positions {
	case None:
		return nil, nil
	case Sinusoidal:
		return nil, graph.InsertAxes(graph.Const(g, waves(height, width, c.Embed)), 0)
	}
	all, n := e.Positions.Node(s, g), c.grid()
	if c.placed() > 0 {
		placed = graph.SliceAxis(all, 1, graph.AxisRangeFromStart(c.placed()))
	}
	patches = graph.SliceAxis(all, 1, graph.AxisRangeToEnd(c.placed()))
	if height != n || width != n {
		square := graph.Reshape(patches, 1, n, n, c.Embed)
		resized := nn.Interpolate(square, nn.InterpolateOptions{Size: []int{height, width}, Mode: "bicubic"})
		patches = graph.Reshape(resized, 1, height*width, c.Embed)
	}
	return placed, patches
}

// waves are positions [height·width, embed] that nobody learns: sine and cosine of the column, then of the row, in embed/4 wavelengths
// each (Beyer, Zhai & Kolesnikov, "Better plain ViT baselines for ImageNet-1k", 2022; big_vision's posemb_sincos_2d).
func waves(height, width, embed int) [][]float32 {
	quarter := embed / 4
	table := make([][]float32, 0, height*width)
	for y := range height {
		for x := range width {
			row := make([]float32, embed)
			for i := range quarter {
				omega := math.Pow(10000, -float64(i)/float64(quarter-1))
				for axis, at := range []int{x, y} {
					sin, cos := math.Sincos(float64(at) * omega)
					row[2*axis*quarter+i], row[(2*axis+1)*quarter+i] = float32(sin), float32(cos)
				}
			}
			table = append(table, row)
		}
	}
	return table
}
