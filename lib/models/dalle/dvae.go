package dalle

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// DVAE turns pictures to codes and back (Ramesh et al., section 2.1): each place of a coarse grid has one of a vocabulary.
type DVAE struct {
	Encoder  *Encoder  `nn:"encoder"`
	Decoder  *Decoder  `nn:"decoder"`
	Codebook *Codebook `nn:"codebook"` // nil for a dVAE, whose codes are drawn by their logits

	config DVAEConfig
}

// Encoder is openai/DALL-E's: a wide convolution, then groups of blocks, each twice as wide and half as high as the one before.
type Encoder struct {
	Blocks sequence `nn:"blocks"`
}

// Decoder is openai/DALL-E's, the encoder turned round; nearest neighbours make a picture larger.
type Decoder struct {
	Blocks sequence `nn:"blocks"`

	sharpest float64
}

// NewDVAE declares the layers.
func NewDVAE(c DVAEConfig) (*DVAE, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(newDVAE(c)), nil
}

func newDVAE(c DVAEConfig) *DVAE {
	d := &DVAE{Encoder: newEncoder(c), Decoder: newDecoder(c), config: c}
	if c.Quantizer == EMA {
		d.Codebook = newCodebook(c.Vocab, c.CodeWidth)
	}
	return d
}

// gain is that of all blocks.
func (c DVAEConfig) gain() float64 {
	n := float64(c.Groups * c.Blocks)
	return 1 / (n * n)
}

func newEncoder(c DVAEConfig) *Encoder {
	all := sequence{{"input", newConv(c.Channels, c.Hidden, 7)}}
	in := c.Hidden
	for g := range c.Groups {
		var group sequence
		for i := range c.Blocks {
			out := c.Hidden << g
			group = append(group, part{fmt.Sprintf("block_%d", i+1), newBlock("EncoderBlock", in, out, [4]int{3, 3, 3, 1}, c.gain())})
			in = out
		}
		if g < c.Groups-1 {
			group = append(group, part{"pool", nn.NewMaxPool2d([]int{2}, nn.PoolOptions{})})
		}
		all = append(all, part{fmt.Sprintf("group_%d", g+1), group})
	}
	return &Encoder{append(all, part{"output", sequence{{"relu", nn.ReLU{}}, {"conv", newConv(in, c.codeWidth(), 1)}}})}
}

func newDecoder(c DVAEConfig) *Decoder {
	all := sequence{{"input", newConv(c.codeWidth(), c.First, 1)}}
	in := c.First
	for g := range c.Groups {
		var group sequence
		for i := range c.Blocks {
			out := c.Hidden << (c.Groups - 1 - g)
			group = append(group, part{fmt.Sprintf("block_%d", i+1), newBlock("DecoderBlock", in, out, [4]int{1, 3, 3, 3}, c.gain())})
			in = out
		}
		if g < c.Groups-1 {
			group = append(group, part{"upsample", nn.UpsampleBy(2)})
		}
		all = append(all, part{fmt.Sprintf("group_%d", g+1), group})
	}
	all = append(all, part{"output", sequence{{"relu", nn.ReLU{}}, {"conv", newConv(in, 2*c.Channels, 1)}}})
	return &Decoder{all, c.Sharpest}
}

// The names that PyTorch prints.

func (*DVAE) String() string    { return "DVAE" }
func (*Encoder) String() string { return "Encoder" }
func (*Decoder) String() string { return "Decoder" }

// Forward gives the logits of the codes, [batch, rows, columns, vocab], of mapped pixels x, [batch, height, width, channels]; of a
// VQ-VAE the vectors to be quantized, [batch, rows, columns, code width].
func (e *Encoder) Forward(s *model.Scope, x *graph.Node) *graph.Node { return e.Blocks.Forward(s, x) }

// Forward gives what [NLL] takes as stats, [batch, height, width, 2·channels]. z: [batch, rows, columns, vocab or code width].
func (d *Decoder) Forward(s *model.Scope, z *graph.Node) *graph.Node {
	stats := d.Blocks.Forward(s, z)
	if d.sharpest == unbounded {
		return stats
	}
	halves := graph.Split(stats, -1, 2)
	return graph.Concatenate([]*graph.Node{halves[0], graph.MaxScalar(halves[1], d.sharpest)}, -1)
}

// Encode gives the likeliest codes, int32 [batch, rows, columns], of pictures [batch, height, width, channels] with values in [0, 1].
func (d *DVAE) Encode(s *model.Scope, pictures *graph.Node) *graph.Node {
	d.check(pictures)
	h := d.Encoder.Forward(s, MapPixels(pictures))
	if d.Codebook != nil {
		return d.Codebook.Nearest(s, h)
	}
	return nn.ArgMax(h)
}

// Decode gives the pictures, [batch, height, width, channels] in [0, 1], of codes, integers [batch, rows, columns].
func (d *DVAE) Decode(s *model.Scope, codes *graph.Node) *graph.Node {
	return Means(d.Decoder.Forward(s, d.vectors(s, codes)))
}

// vectors gives codes, integers [...], as the decoder takes them: [..., vocab or code width].
func (d *DVAE) vectors(s *model.Scope, codes *graph.Node) *graph.Node {
	if d.Codebook != nil {
		return d.Codebook.Vectors(s, codes)
	}
	return graph.OneHot(codes, d.config.Vocab, dtypes.Float32)
}

// check refuses pictures of another size: the codes' number must be the transformer's.
func (d *DVAE) check(x *graph.Node) {
	c := d.config
	if x.Rank() != 4 || x.Shape().Dim(1) != c.Size || x.Shape().Dim(2) != c.Size || x.Shape().Dim(3) != c.Channels {
		panic(fmt.Errorf("dalle: pictures are [batch, %d, %d, %d], was given %s", c.Size, c.Size, c.Channels, x.Shape()))
	}
}

// Divergence is KL(q || uniform) in nats at each place, [...], of logits [..., vocab].
func Divergence(logits *graph.Node) *graph.Node {
	logq := graph.LogSoftmax(logits, -1)
	uniform := graph.Log(graph.Scalar(logits.Graph(), logits.DType(), float64(logits.Shape().Dim(-1))))
	return graph.Add(graph.ReduceSum(graph.Mul(graph.Exp(logq), logq), -1), uniform)
}

// Relax draws codes smoothly: the softmax of (logits + gumbel)/temperature, a scalar, over the last axis. At 0 it would be a draw.
func Relax(logits, gumbel, temperature *graph.Node) *graph.Node {
	return graph.Softmax(graph.Div(graph.Add(logits, gumbel), temperature), -1)
}

// Relaxed is what a dVAE's pass gives.
type Relaxed struct {
	Logits *graph.Node // [batch, rows, columns, vocab]
	Z      *graph.Node // alike: the smooth draw
	// Recon is the mean of nats a value of a picture, KL that of nats a place; both scalars.
	Recon, KL *graph.Node
}

// Forward encodes pictures [batch, height, width, channels], draws codes smoothly by gumbel, [batch, rows, columns, vocab], and measures
// how well they tell the pictures.
func (d *DVAE) Forward(s *model.Scope, pictures, gumbel, temperature *graph.Node) Relaxed {
	x := MapPixels(pictures)
	r := Relaxed{Logits: d.Encoder.Forward(s, x)}
	r.Z = Relax(r.Logits, gumbel, temperature)
	r.Recon = graph.ReduceAllMean(NLL(x, d.Decoder.Forward(s, r.Z)))
	r.KL = graph.ReduceAllMean(Divergence(r.Logits))
	return r
}
