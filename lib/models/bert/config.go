package bert

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is an encoder's architecture. The names in JSON are those of Hugging Face's BertConfig.
type Config struct {
	VocabSize   int        `json:"vocab_size"`
	Embed       int        `json:"hidden_size" flag:"embed" help:"width, a multiple of the heads"`
	Layers      int        `json:"num_hidden_layers" flag:"layers" help:"layers"`
	Heads       int        `json:"num_attention_heads" flag:"heads" help:"heads of attention"`
	Inner       int        `json:"intermediate_size" flag:"inner" help:"width between the two layers of a feed-forward part"`
	Activation  Activation `json:"hidden_act"`
	Dropout     float64    `json:"hidden_dropout_prob" flag:"dropout" help:"dropout of embeddings and the output of each part"`
	AttnDropout float64    `json:"attention_probs_dropout_prob" flag:"attention-dropout" help:"dropout of attention weights"`
	Context     int        `json:"max_position_embeddings" flag:"context" help:"longest text that it sees, in pieces"`
	Types       int        `json:"type_vocab_size"` // kinds of segments; 0 has no embedding of them, as DistilBERT
	Eps         float64    `json:"layer_norm_eps"`
	Padding     int        `json:"pad_token_id"` // the piece whose embedding isn't trained
	// FirstPosition is the row of the first position: 0, or Padding+1 in RoBERTa.
	FirstPosition int `json:"first_position,omitempty"`

	Head    Head `json:"head,omitempty"`
	Classes int  `json:"num_labels,omitempty"` // of the heads that classify
}

// Activation is what stands between the two layers of a feed-forward part.
type Activation string

// The activations, under Hugging Face's names.
const (
	GELU     Activation = "gelu"
	GELUTanh Activation = "gelu_new"
	ReLU     Activation = "relu"
)

// Head is what a model makes of the encoder's output.
type Head string

// The heads, each Hugging Face's class. [Embedder] is BertModel: no head.
const (
	Embedder    Head = ""
	MaskedLM    Head = "masked-lm"   // BertForMaskedLM: which piece stands at each place
	Pretraining Head = "pretraining" // BertForPreTraining: MaskedLM, and whether the second segment follows the first
	Sequence    Head = "sequence"    // BertForSequenceClassification: a class of the text
	Token       Head = "token"       // BertForTokenClassification: a class of each piece
	Span        Head = "span"        // BertForQuestionAnswering: where an answer begins and ends
)

var heads = []Head{Embedder, MaskedLM, Pretraining, Sequence, Token, Span}

// predicts says whether the head tells pieces.
func (h Head) predicts() bool { return h == MaskedLM || h == Pretraining }

// classifies says whether the head has classes.
func (h Head) classifies() bool { return h == Sequence || h == Token }

// pools says whether the class has the pooler.
func (h Head) pools() bool { return h == Embedder || h == Pretraining || h == Sequence }

// Default trains in minutes on two cores, on a vocabulary of n pieces.
func Default(n int) Config {
	return Config{
		VocabSize: n, Embed: 128, Layers: 4, Heads: 4, Inner: 512, Activation: GELU, Dropout: 0.1, AttnDropout: 0.1, Context: 128, Types: 2,
		Eps: 1e-12, Head: MaskedLM,
	}
}

// Tiny trains in seconds.
func Tiny(n int) Config {
	c := Default(n)
	c.Embed, c.Layers, c.Heads, c.Inner, c.Context, c.Dropout, c.AttnDropout = 32, 2, 2, 64, 64, 0, 0
	return c
}

// MiniLM is the size of all-MiniLM-L6-v2 (Wang et al., "MiniLM: deep self-attention distillation", 2020), 22.7 M parameters.
func MiniLM() Config {
	c := Base()
	c.Embed, c.Layers, c.Inner = 384, 6, 1536
	return c
}

// Base is BERT-base (Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding", 2019, section
// 3), 110 M parameters, without a head.
func Base() Config {
	c := Default(30522)
	c.Embed, c.Layers, c.Heads, c.Inner, c.Context, c.Head = 768, 12, 12, 3072, 512, Embedder
	return c
}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := nn.CheckHeads(id, "hidden_size", c.Embed, "num_attention_heads", c.Heads); err != nil {
		return err
	}
	if err := cmp.Or(
		nn.CheckSize(id, "vocab_size", c.VocabSize, 2, nn.MaxSize),
		nn.CheckSize(id, "num_hidden_layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize(id, "intermediate_size", c.Inner, 1, nn.MaxSize),
		nn.CheckSize(id, "max_position_embeddings", c.Context, 1, nn.MaxSize),
		nn.CheckSize(id, "type_vocab_size", c.Types, 0, nn.MaxSize),
		nn.CheckSize(id, "num_labels", c.Classes, 0, nn.MaxSize),
		nn.CheckSize(id, "first_position", c.FirstPosition, 0, nn.MaxSize),
	); err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"hidden_dropout_prob", c.Dropout}, {"attention_probs_dropout_prob", c.AttnDropout}} {
		if !(f.value >= 0 && f.value < 1) {
			return fmt.Errorf("bert: %s is %g: it must be at least 0 and less than 1", f.name, f.value)
		}
	}
	switch {
	case !(c.Eps > 0):
		return fmt.Errorf("bert: layer_norm_eps is %g: it must be positive, such as 1e-12", c.Eps)
	case c.Activation != GELU && c.Activation != GELUTanh && c.Activation != ReLU:
		return fmt.Errorf("bert: hidden_act is %q: it must be %q, %q or %q", c.Activation, GELU, GELUTanh, ReLU)
	case c.Padding < 0 || c.Padding >= c.VocabSize:
		return fmt.Errorf("bert: pad_token_id is %d: it must be 0 to %d, a piece of the vocabulary", c.Padding, c.VocabSize-1)
	case !slices.Contains(heads, c.Head):
		return fmt.Errorf("bert: head is %q: it must be one of %q", c.Head, heads)
	case c.Head.classifies() && c.Classes < 2:
		return fmt.Errorf("bert: num_labels is %d: it must be at least 2 for a head that classifies", c.Classes)
	case c.FirstPosition >= c.Context:
		return fmt.Errorf("bert: first_position is %d: it must be less than max_position_embeddings, %d", c.FirstPosition, c.Context)
	}
	return nil
}

// Longest is how many pieces a text may have.
func (c Config) Longest() int { return c.Context - c.FirstPosition }

// TrainConfig says how to train, from nothing or from pretrained weights, for the task that the model's head is of.
type TrainConfig struct {
	Model  Config  `json:"model"`
	Rate   float64 `json:"rate" help:"highest learning rate"`
	WarmUp int     `json:"warm_up" help:"steps until the highest learning rate"`
	Beta1  float64 `json:"beta1,omitempty"` // how slowly Adam forgets gradients; 0 is 0.9
	Beta2  float64 `json:"beta2,omitempty"` // and their squares; 0 is 0.999
	Eps    float64 `json:"eps,omitempty"`   // added to the root of Adam's squared gradients; 0 is 1e-8
	Decay  float64 `json:"decay" help:"weight decay of matrices"`
	Clip   float64 `json:"clip" help:"longest gradient; 0 doesn't clip"`
	// Total is the number of steps until the rate has fallen to 0; 0 is all that Options.Epochs ask for at first.
	Total int `json:"total"`
	// Seed is of the first weights and dropout; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and dropout"`
	// Start, when given, is a folder of pretrained weights, as [OpenPretrained] reads it: the encoder begins with them, and the head too
	// where the folder has it.
	Start string `json:"start,omitempty" help:"folder of pretrained weights, or the name of fetched ones, to begin with (default fresh ones)"`

	// Validation, when given, is measured after each epoch, as validation_loss, and the weights of the lowest are kept for [Open].
	Validation train.Dataset `json:"-"`
	// Measure, when given, measures more after each epoch.
	Measure func(ctx context.Context, m *Model) ([]train.Metric, error) `json:"-"`

	train.Options `json:"-"`
}

// Recipe is the paper's for small models. Its model has no vocabulary yet: that comes from the text.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Default(0), Rate: 1e-3, WarmUp: 100, Decay: 0.01, Clip: 1, Seed: 1, Options: train.Options{Run: "runs/bert", Epochs: 8},
	}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	c.Beta1, c.Beta2, c.Eps = cmp.Or(c.Beta1, 0.9), cmp.Or(c.Beta2, 0.999), cmp.Or(c.Eps, 1e-8)
	return c
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.Rate > 0):
		return fmt.Errorf("bert: rate is %g: it must be positive, such as 1e-3", c.Rate)
	case c.WarmUp < 0 || c.WarmUp >= c.Total:
		return fmt.Errorf("bert: warm_up is %d: it must be 0 or more, and less than all steps, %d", c.WarmUp, c.Total)
	case !(c.Beta1 > 0 && c.Beta1 < 1):
		return fmt.Errorf("bert: beta1 is %g: it must be more than 0 and less than 1, or 0 for 0.9", c.Beta1)
	case !(c.Beta2 > 0 && c.Beta2 < 1):
		return fmt.Errorf("bert: beta2 is %g: it must be more than 0 and less than 1, or 0 for 0.999", c.Beta2)
	case !(c.Eps > 0):
		return fmt.Errorf("bert: eps is %g: it must be positive, or 0 for 1e-8", c.Eps)
	case !(c.Decay >= 0):
		return fmt.Errorf("bert: decay is %g: it must be at least 0", c.Decay)
	case !(c.Clip >= 0):
		return fmt.Errorf("bert: clip is %g: it must be positive, or 0 for none", c.Clip)
	case c.Model.Head == Embedder || c.Model.Head == Pretraining:
		return fmt.Errorf("bert: head is %q: to train, it must be %q, %q, %q or %q", c.Model.Head, MaskedLM, Sequence, Token, Span)
	}
	return c.Model.Validate()
}
