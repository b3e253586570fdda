// Package vit is the Vision Transformer (Dosovitskiy et al., "An image is worth 16x16 words: transformers for image recognition at
// scale", 2021): a picture's patches are the tokens of an encoder, which tells its class. Parameters have the names that Hugging Face
// publishes ViT's under.
package vit

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is an encoder of pictures and what tells their classes.
type Net struct {
	Encoder    *Encoder   `nn:"vit"`
	Classifier *nn.Linear `nn:"classifier"`
	// Distillation answers as the teacher does, from a token of its own; nil where there is none.
	Distillation *nn.Linear `nn:"distillation_classifier"`

	mean bool
}

// Encoder turns pictures to tokens and sends them through the layers.
type Encoder struct {
	Embeddings *Embeddings   `nn:"embeddings"`
	Stack      *stack        `nn:"encoder"`
	Norm       *nn.LayerNorm `nn:"layernorm"`
}

type stack struct {
	Layers []*Layer `nn:"layer"`
}

// Layer is a layer of the encoder: attention, then two linear layers, each behind a norm and added to what came.
type Layer struct {
	Attention  *attention    `nn:"attention"`
	Scale1     *layerScale   `nn:"layer_scale1"` // nil without
	Inner      *inner        `nn:"intermediate"`
	Output     *output       `nn:"output"`
	Scale2     *layerScale   `nn:"layer_scale2"` // nil without
	NormBefore *nn.LayerNorm `nn:"layernorm_before"`
	NormAfter  *nn.LayerNorm `nn:"layernorm_after"`

	drop *nn.Dropout // of whole branches
}

type attention struct {
	Self   *selfAttention `nn:"attention"`
	Output *output        `nn:"output"`
}

type selfAttention struct {
	Query *nn.Linear `nn:"query"`
	Key   *nn.Linear `nn:"key"`
	Value *nn.Linear `nn:"value"`

	heads int
}

type inner struct {
	Dense      *nn.Linear `nn:"dense"`
	Activation nn.Layer   `nn:"intermediate_act_fn"`
}

type output struct {
	Dense *nn.Linear `nn:"dense"`
}

type layerScale struct {
	Lambda *nn.Param `nn:"lambda1"` // [embed]
}

// The names that PyTorch prints.

func (*Net) String() string           { return "ViTForImageClassification" }
func (*Encoder) String() string       { return "ViTModel" }
func (*stack) String() string         { return "ViTEncoder" }
func (*Layer) String() string         { return "ViTLayer" }
func (*attention) String() string     { return "ViTAttention" }
func (*selfAttention) String() string { return "ViTSelfAttention" }
func (*inner) String() string         { return "ViTIntermediate" }
func (*output) String() string        { return "ViTOutput" }
func (*layerScale) String() string    { return "ViTLayerScale()" }

// std is of the first weights: Hugging Face's initializer_range.
const std = 0.02

// linear makes a layer with the first weights of a ViT.
func linear(in, out int, bias bool) *nn.Linear {
	l := nn.NewLinear(in, out, bias)
	l.Weight.Init = nn.NormalInit(0, std)
	if bias {
		l.Bias.Init = nil
	}
	return l
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &Net{
		Encoder:    &Encoder{Embeddings: newEmbeddings(c), Stack: &stack{}, Norm: newNorm(c)},
		Classifier: linear(c.Embed, c.Classes, true),
		mean:       c.Pool == Mean,
	}
	if c.Distilled {
		n.Distillation = linear(c.Embed, c.Classes, true)
	}
	for i := range c.Layers {
		n.Encoder.Stack.Layers = append(n.Encoder.Stack.Layers, newLayer(c, c.DropPath*float64(i)/float64(max(c.Layers-1, 1))))
	}
	return nn.Name(n), nil
}

func newNorm(c Config) *nn.LayerNorm {
	l := nn.NewLayerNorm(c.Embed, true)
	l.Eps = c.Eps
	return l
}

func newLayer(c Config, drop float64) *Layer {
	l := &Layer{
		Attention: &attention{
			Self: &selfAttention{
				Query: linear(c.Embed, c.Embed, c.QKVBias), Key: linear(c.Embed, c.Embed, c.QKVBias), Value: linear(c.Embed, c.Embed, c.QKVBias),
				heads: c.Heads,
			},
			Output: &output{linear(c.Embed, c.Embed, true)},
		},
		Inner:  &inner{linear(c.Embed, c.Inner, true), activations[c.Activation]},
		Output: &output{linear(c.Inner, c.Embed, true)},

		NormBefore: newNorm(c), NormAfter: newNorm(c), drop: &nn.Dropout{P: drop},
	}
	if c.LayerScale > 0 {
		scale := func() *layerScale {
			return &layerScale{&nn.Param{Shape: []int{c.Embed}, Init: nn.ConstInit(c.LayerScale)}}
		}
		l.Scale1, l.Scale2 = scale(), scale()
	}
	return l
}

// Output is what a pass gives.
type Output struct {
	Logits *graph.Node // [batch, classes]: of a distilled model the mean of both heads
	// Class and Teacher are the logits of a distilled model's two heads, [batch, classes]; nil otherwise.
	Class, Teacher *graph.Node
	// Hidden are the tokens, [batch, tokens, embed], before the first layer and after each; the last norm comes after them.
	Hidden []*graph.Node
	// Attentions are the weights of each layer, [batch, heads, tokens, tokens].
	Attentions []*graph.Node
}

// Forward tells the classes of pictures. x: [batch, height, width, channels]; height and width are multiples of the patch, and positions
// are resized where they aren't those that the model was made for. The tokens are the class's and the teacher's, where the model has
// them, then the registers, then the patches, row by row.
func (n *Net) Forward(s *model.Scope, x *graph.Node) Output {
	h := n.Encoder.Embeddings.Forward(s, x)
	o := Output{Hidden: []*graph.Node{h}}
	for _, layer := range n.Encoder.Stack.Layers {
		var weights *graph.Node
		h, weights = layer.Forward(s, h)
		o.Hidden, o.Attentions = append(o.Hidden, h), append(o.Attentions, weights)
	}
	h = n.Encoder.Norm.Forward(s, h)
	token := func(i int) *graph.Node {
		return graph.Squeeze(graph.SliceAxis(h, 1, graph.AxisElem(i)), 1)
	}
	switch {
	case n.mean:
		patches := graph.SliceAxis(h, 1, graph.AxisRangeToEnd(n.Encoder.Embeddings.before()))
		o.Logits = n.Classifier.Forward(s, graph.ReduceMean(patches, 1))
	case n.Distillation != nil:
		o.Class, o.Teacher = n.Classifier.Forward(s, token(0)), n.Distillation.Forward(s, token(1))
		o.Logits = graph.MulScalar(graph.Add(o.Class, o.Teacher), 0.5)
	default:
		o.Logits = n.Classifier.Forward(s, token(0))
	}
	return o
}

// Forward adds both branches to x: [batch, tokens, embed]; weights: [batch, heads, tokens, tokens].
func (l *Layer) Forward(s *model.Scope, x *graph.Node) (y, weights *graph.Node) {
	mixed, weights := l.Attention.Self.forward(s, l.NormBefore.Forward(s, x))
	x = graph.Add(x, l.branch(s, l.Scale1, l.Attention.Output.Dense.Forward(s, mixed)))
	h := l.Inner.Activation.Forward(s, l.Inner.Dense.Forward(s, l.NormAfter.Forward(s, x)))
	return graph.Add(x, l.branch(s, l.Scale2, l.Output.Dense.Forward(s, h))), weights
}

// branch scales what is to be added and, in training, leaves some of the batch out.
func (l *Layer) branch(s *model.Scope, scale *layerScale, x *graph.Node) *graph.Node {
	if scale != nil {
		x = graph.Mul(x, graph.ExpandLeftToRank(scale.Lambda.Node(s, x.Graph()), 3))
	}
	if l.drop.P > 0 && s.IsTraining(x.Graph()) {
		ones := graph.Ones(x.Graph(), shapes.Make(dtypes.Float32, x.Shape().Dim(0), 1, 1))
		x = graph.Mul(x, l.drop.Forward(s, ones))
	}
	return x
}

// forward mixes the values of all tokens. x: [batch, tokens, embed], mixed: alike, weights: [batch, heads, tokens, tokens].
func (a *selfAttention) forward(s *model.Scope, x *graph.Node) (mixed, weights *graph.Node) {
	batch, tokens, embed := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	heads := func(l *nn.Linear) *graph.Node {
		return graph.Reshape(l.Forward(s, x), batch, tokens, a.heads, embed/a.heads)
	}
	weights = graph.Softmax(nn.Scores(heads(a.Query), heads(a.Key), 1/math.Sqrt(float64(embed/a.heads))), -1)
	return graph.Reshape(nn.Mix(weights, heads(a.Value)), batch, tokens, embed), weights
}

// checkPictures refuses what can't be cut into patches.
func (e *Embeddings) checkPictures(x *graph.Node) {
	c := e.config
	if x.Rank() != 4 || x.Shape().Dim(3) != c.Channels {
		panic(fmt.Errorf("vit: pictures are [batch, height, width, %d], was given %s", c.Channels, x.Shape()))
	}
	for i, side := range []string{"height", "width"} {
		if size := x.Shape().Dim(i + 1); size%c.PatchSize != 0 {
			panic(fmt.Errorf("vit: %s is %d: it must be a multiple of patch_size, %d", side, size, c.PatchSize))
		}
	}
}
