package audio

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// LinearPrediction predicts each sample as a weighted sum of those before it, and says how likely its code is by how often a code so far
// from the prediction's was met: what a model of sound must beat. It works on samples as their codes have them, for the codes themselves
// are worse to predict.
type LinearPrediction struct {
	weights []float64 // of the sample 1, 2, … places before
	classes int
	errors  []float64 // probability of an error of -(classes-1) to classes-1
}

// LinearPredictionOrder is how many samples before are customary for speech at 8 kHz, and some more.
const LinearPredictionOrder = 16

// FitLinearPrediction fits the weights by least squares to sequences of codes from 0 to classes-1, and counts the errors left, in
// codes. Before a sequence there is silence.
func FitLinearPrediction(sequences [][]int32, order, classes int) *LinearPrediction {
	p := &LinearPrediction{weights: make([]float64, order), classes: classes, errors: make([]float64, 2*classes-1)}
	products := mat.NewSymDense(order, nil)
	right := mat.NewVecDense(order, nil)
	for _, codes := range sequences {
		x := p.signal(codes)
		for t := order; t < len(x); t++ {
			for i := range order {
				right.SetVec(i, right.AtVec(i)+x[t]*x[t-1-i])
				for j := i; j < order; j++ {
					products.SetSym(i, j, products.At(i, j)+x[t-1-i]*x[t-1-j])
				}
			}
		}
	}
	for i := range order { // silence alone has no least squares
		products.SetSym(i, i, products.At(i, i)+1e-9)
	}
	var solved mat.VecDense
	var factors mat.Cholesky
	if factors.Factorize(products) && factors.SolveVecTo(&solved, right) == nil {
		copy(p.weights, solved.RawVector().Data)
	}
	for i := range p.errors { // one of each, for an error that is never met has no likelihood
		p.errors[i] = 1
	}
	total := float64(len(p.errors))
	for _, codes := range sequences {
		p.each(codes, func(error int) { p.errors[error]++; total++ })
	}
	for i := range p.errors {
		p.errors[i] /= total
	}
	return p
}

// Bits is the mean of -log2 of the likelihood of each code's error.
func (p *LinearPrediction) Bits(sequences [][]int32) float64 {
	var sum, count float64
	for _, codes := range sequences {
		p.each(codes, func(error int) { sum -= math.Log2(p.errors[error]); count++ })
	}
	return sum / count
}

// signal is the codes' samples, after as much silence as the first is predicted from.
func (p *LinearPrediction) signal(codes []int32) []float64 {
	x := make([]float64, len(p.weights), len(p.weights)+len(codes))
	for _, c := range codes {
		x = append(x, float64(Linear(c, p.classes)))
	}
	return x
}

// each gives the place in errors of each code's.
func (p *LinearPrediction) each(codes []int32, use func(error int)) {
	x := p.signal(codes)
	for t, code := range codes {
		var sum float64
		for i, w := range p.weights {
			sum += w * x[t+len(p.weights)-1-i]
		}
		use(int(code-MuLaw(float32(max(-1, min(1, sum))), p.classes)) + p.classes - 1)
	}
}
