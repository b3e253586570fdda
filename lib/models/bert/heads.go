package bert

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is an encoder with a head, Hugging Face's BertForMaskedLM and its kin. Of the heads' fields those of Config.Head alone aren't nil.
type Net struct {
	Config Config

	Encoder    *Encoder    `nn:"bert"`
	Pieces     *PieceHeads `nn:"cls"`
	Dropout    *nn.Dropout `nn:"dropout"`
	Classifier *nn.Linear  `nn:"classifier"`
	Span       *nn.Linear  `nn:"qa_outputs"`
}

// PieceHeads are the heads that BERT is pretrained by.
type PieceHeads struct {
	class string

	Predictions *Predictions `nn:"predictions"`
	Next        *nn.Linear   `nn:"seq_relationship"` // of Pretraining alone: 0 where the second segment follows the first
}

// Predictions tells which piece stands at a place. The decoder's weight is the words' embedding.
type Predictions struct {
	Bias      *nn.Param  `nn:"bias"`
	Transform *Transform `nn:"transform"`
	Decoder   *nn.Linear `nn:"decoder"`
}

// Transform comes before the decoder.
type Transform struct {
	Dense    *nn.Linear    `nn:"dense"`
	Activate nn.Layer      `nn:"transform_act_fn"`
	Norm     *nn.LayerNorm `nn:"LayerNorm"`
}

// NewNet declares an encoder and the head that c names.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &Net{Config: c, Encoder: newEncoder(c, c.Head.pools())}
	switch {
	case c.Head.predicts():
		p := &Predictions{
			Bias:      &nn.Param{Shape: []int{c.VocabSize}},
			Transform: &Transform{newLinear(c.Embed, c.Embed), activation(c.Activation), newNorm(c)},
			Decoder:   newLinear(c.Embed, c.VocabSize),
		}
		p.Decoder.Weight, p.Decoder.Bias = n.Encoder.Embeddings.Words.Weight, p.Bias
		n.Pieces = &PieceHeads{class: "BertOnlyMLMHead", Predictions: p}
		if c.Head == Pretraining {
			n.Pieces.class, n.Pieces.Next = "BertPreTrainingHeads", newLinear(c.Embed, 2)
		}
	case c.Head.classifies():
		n.Dropout, n.Classifier = &nn.Dropout{P: c.Dropout}, newLinear(c.Embed, c.Classes)
	case c.Head == Span:
		n.Span = newLinear(c.Embed, 2)
	}
	return nn.Name(n), nil
}

// String is Hugging Face's name of the class.
func (n *Net) String() string {
	return map[Head]string{
		MaskedLM: "BertForMaskedLM", Pretraining: "BertForPreTraining", Sequence: "BertForSequenceClassification",
		Token: "BertForTokenClassification", Span: "BertForQuestionAnswering",
	}[n.Config.Head]
}

// String is Hugging Face's name of the class, as are those below.
func (h *PieceHeads) String() string { return h.class }
func (*Predictions) String() string  { return "BertLMPredictionHead" }
func (*Transform) String() string    { return "BertPredictionHeadTransform" }

// Logits are what the head makes of a text: of MaskedLM and Pretraining [batch, length, vocabulary], of Sequence [batch, classes], of
// Token [batch, length, classes], of Span [batch, length, 2], where the answer begins and where it ends.
func (n *Net) Logits(s *model.Scope, t Text) *graph.Node {
	hidden := n.Encoder.Forward(s, t)
	switch n.Config.Head {
	case Embedder:
		panic(fmt.Errorf("bert: this model has no head: it gives embeddings alone"))
	case Sequence:
		return n.Classifier.Forward(s, n.Dropout.Forward(s, n.Encoder.Pooler.Forward(s, hidden)))
	case Token:
		return n.Classifier.Forward(s, n.Dropout.Forward(s, hidden))
	case Span:
		return n.Span.Forward(s, hidden)
	}
	return n.Pieces.Predictions.Forward(s, hidden)
}

// Forward gives the logits of each piece of the vocabulary, [..., vocabulary]; hidden: [..., embed].
func (p *Predictions) Forward(s *model.Scope, hidden *graph.Node) *graph.Node {
	t := p.Transform
	return p.Decoder.Forward(s, t.Norm.Forward(s, t.Activate.Forward(s, t.Dense.Forward(s, hidden))))
}

// Ignore is a label that counts for nothing, Hugging Face's.
const Ignore = -100

// Loss is the mean cross-entropy in nats over the labels that count, 0 when none does, for what [Net.Logits] gives. labels: integers
// [batch, length], of Sequence [batch], of Span [batch, 2], the answer's first and last piece.
func (n *Net) Loss(logits, labels *graph.Node) *graph.Node {
	sum, count := n.lossSum(logits, labels)
	return graph.Div(sum, graph.MaxScalar(count, 1))
}

// lossSum is the summed cross-entropy and the number of labels that count.
func (n *Net) lossSum(logits, labels *graph.Node) (sum, count *graph.Node) {
	if n.Config.Head == Span {
		logits = graph.TransposeAllAxes(logits, 0, 2, 1) // [batch, 2, length]: classes are places
	}
	counts := graph.GreaterOrEqual(labels, graph.ScalarZero(labels.Graph(), labels.DType()))
	each := nn.CrossEntropy(logits, graph.Where(counts, labels, graph.ZerosLike(labels)))
	return graph.ReduceAllSum(graph.Where(counts, each, graph.ZerosLike(each))), graph.ReduceAllSum(graph.ConvertDType(counts, dtypes.Float32))
}
