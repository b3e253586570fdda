package nn

import (
	"github.com/gomlx/gomlx/core/graph"
)

// defaultIgnore is the label that PyTorch's losses of classes leave out.
const defaultIgnore = -100

// CrossEntropyLoss is PyTorch's nn.CrossEntropyLoss.
type CrossEntropyLoss struct {
	Weight      []float64 // of each class; nil is 1
	IgnoreIndex *int      // a label that counts for nothing; nil is PyTorch's -100
	// Smoothing takes that much of a label's probability and deals it out among all classes (Szegedy et al., "Rethinking the Inception
	// architecture for computer vision", 2015, section 7).
	Smoothing float64
	Reduction Reduction
}

// Of is the loss of logits: [..., classes] for labels, integers [...] or probabilities [..., classes]. Without a reduction it is [...].
func (l CrossEntropyLoss) Of(logits, labels *graph.Node) *graph.Node {
	logp := graph.LogSoftmax(logits)
	classes := logits.Shape().Dim(-1)
	if labels.DType().IsFloat() {
		checkAlike("CrossEntropyLoss", logits, labels)
		target := graph.AddScalar(graph.MulScalar(labels, 1-l.Smoothing), l.Smoothing/float64(classes))
		each := graph.Neg(graph.ReduceSum(graph.Mul(weighed(logp, l.Weight), target), -1))
		return l.Reduction.of(each)
	}
	each, weights := NLLLoss{Weight: l.Weight, IgnoreIndex: l.IgnoreIndex}.each(logp, labels)
	if l.Smoothing != 0 {
		counts := keep(labels, l.IgnoreIndex)
		even := graph.Neg(graph.ReduceSum(weighed(logp, l.Weight), -1))
		even = graph.Where(counts, even, graph.ZerosLike(even))
		each = graph.Add(graph.MulScalar(each, 1-l.Smoothing), graph.MulScalar(even, l.Smoothing/float64(classes)))
	}
	return l.Reduction.weighted(each, weights)
}

// NLLLoss is PyTorch's nn.NLLLoss.
type NLLLoss struct {
	Weight      []float64 // of each class; nil is 1
	IgnoreIndex *int      // a label that counts for nothing; nil is PyTorch's -100
	Reduction   Reduction
}

// Of is the loss of log-probabilities: [..., classes] for labels, integers [...]. Without a reduction it is [...].
func (l NLLLoss) Of(logp, labels *graph.Node) *graph.Node {
	return l.Reduction.weighted(l.each(logp, labels))
}

// each gives each label's loss, times its weight, and that weight.
func (l NLLLoss) each(logp, labels *graph.Node) (each, weights *graph.Node) {
	counts := keep(labels, l.IgnoreIndex)
	labels = graph.Where(counts, labels, graph.ZerosLike(labels))
	each = NLL(logp, labels)
	weights = graph.ConvertDType(counts, logp.DType())
	if l.Weight != nil {
		hot := graph.OneHot(labels, logp.Shape().Dim(-1), logp.DType())
		weights = graph.Mul(weights, graph.ReduceSum(weighed(hot, l.Weight), -1))
	}
	return graph.Where(counts, graph.Mul(each, weights), graph.ZerosLike(each)), weights
}

// keep is true for labels that count.
func keep(labels *graph.Node, ignore *int) *graph.Node {
	out := defaultIgnore
	if ignore != nil {
		out = *ignore
	}
	return graph.NotEqual(labels, graph.Scalar(labels.Graph(), labels.DType(), out))
}

// weighed multiplies x: [..., classes] by the classes' weights; nil is 1.
func weighed(x *graph.Node, weights []float64) *graph.Node {
	if weights == nil {
		return x
	}
	if len(weights) != x.Shape().Dim(-1) {
		panic(errorf("there are %d weights of classes for %s", len(weights), x.Shape()))
	}
	w := graph.ConvertDType(graph.Const(x.Graph(), weights), x.DType())
	return graph.Mul(x, graph.ExpandLeftToRank(w, x.Rank()))
}

// BCELoss is PyTorch's nn.BCELoss of probabilities, whose logarithms are held above -100; [BCEWithLogitsLoss] is more exact.
type BCELoss struct{ Reduction Reduction }

// Of is the loss; both have one shape. weight, shaped alike or nil, multiplies it.
func (l BCELoss) Of(input, target, weight *graph.Node) *graph.Node {
	checkAlike("BCELoss", input, target)
	log := func(p *graph.Node) *graph.Node { return graph.MaxScalar(graph.Log(p), -100) }
	each := graph.Neg(graph.Add(graph.Mul(target, log(input)), graph.Mul(graph.OneMinus(target), log(graph.OneMinus(input)))))
	return l.Reduction.of(times(each, weight))
}

// BCEWithLogitsLoss is PyTorch's nn.BCEWithLogitsLoss.
type BCEWithLogitsLoss struct {
	PosWeight []float64 // of targets of 1, one for each value of the last axis; nil is 1
	Reduction Reduction
}

// Of is the loss; both have one shape. weight, shaped alike or nil, multiplies it.
func (l BCEWithLogitsLoss) Of(input, target, weight *graph.Node) *graph.Node {
	checkAlike("BCEWithLogitsLoss", input, target)
	each := BCEWithLogits(input, target)
	if l.PosWeight != nil {
		more := graph.OnePlus(graph.Mul(target, graph.MinusOne(weighed(graph.OnesLike(target), l.PosWeight))))
		each = graph.Add(graph.Mul(graph.OneMinus(target), input), graph.Mul(more, Softplus(graph.Neg(input))))
	}
	return l.Reduction.of(times(each, weight))
}

func times(x, weight *graph.Node) *graph.Node {
	if weight == nil {
		return x
	}
	return graph.Mul(x, weight)
}
