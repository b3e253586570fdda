package metrics

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Frechet is the Fréchet distance between two Gaussians fitted to two sets of features, |m₁-m₂|² + tr(S₁ + S₂ - 2(S₁S₂)^½) (Heusel et
// al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", 2017, equation 6). 0 is best. It
// compares with figures on the same features and numbers of examples alone.
// a, b: [examples, features].
func Frechet(a, b [][]float32) (float64, error) {
	if err := checkFeatures(a, b); err != nil {
		return 0, err
	}
	m1, s1 := gaussian(a)
	m2, s2 := gaussian(b)
	var distance float64
	for i := range m1 {
		distance += (m1[i] - m2[i]) * (m1[i] - m2[i])
	}
	root, err := sqrtTrace(s1, s2)
	if err != nil {
		return 0, err
	}
	return distance + mat.Trace(s1) + mat.Trace(s2) - 2*root, nil
}

// gaussian is the mean and the covariance (n-1 in the denominator, as numpy.cov has it) of features.
func gaussian(x [][]float32) ([]float64, *mat.SymDense) {
	n, d := len(x), len(x[0])
	dense := mat.NewDense(n, d, nil)
	mean := make([]float64, d)
	for i, row := range x {
		for j, v := range row {
			dense.Set(i, j, float64(v))
			mean[j] += float64(v) / float64(n)
		}
	}
	covariance := mat.NewSymDense(d, nil)
	stat.CovarianceMatrix(covariance, dense, nil)
	return mean, covariance
}

// sqrtTrace is tr((ab)^½). ab isn't symmetric; a^½·b·a^½ is, and has its eigenvalues.
func sqrtTrace(a, b *mat.SymDense) (float64, error) {
	d := a.SymmetricDim()
	var eigen mat.EigenSym
	if !eigen.Factorize(a, true) {
		return 0, errors.New("metrics: the eigenvalues of a covariance don't converge: are all features finite?")
	}
	var vectors, root, product mat.Dense
	eigen.VectorsTo(&vectors)
	roots := mat.NewDiagDense(d, nil)
	for i, v := range eigen.Values(nil) {
		roots.SetDiag(i, math.Sqrt(max(0, v))) // rounding makes small ones negative
	}
	root.Mul(&vectors, roots)
	root.Mul(&root, vectors.T())
	product.Mul(&root, b)
	product.Mul(&product, &root)
	symmetric := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			symmetric.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
		}
	}
	if !eigen.Factorize(symmetric, false) {
		return 0, errors.New("metrics: the eigenvalues of two covariances' product don't converge: are all features finite?")
	}
	var trace float64
	for _, v := range eigen.Values(nil) {
		trace += math.Sqrt(max(0, v))
	}
	return trace, nil
}

// checkFeatures says what makes two sets of features impossible to compare.
func checkFeatures(a, b [][]float32) error {
	for _, set := range [][][]float32{a, b} {
		if len(set) < 2 {
			return fmt.Errorf("metrics: a set of features has %d examples: there must be at least 2", len(set))
		}
		for i, row := range set {
			if len(row) != len(a[0]) || len(row) == 0 {
				return fmt.Errorf("metrics: example %d has %d features, the first has %d: there must be as many, and at least 1", i, len(row), len(a[0]))
			}
			for j, v := range row {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					return fmt.Errorf("metrics: feature %d of example %d is %v: it must be a finite number", j, i, v)
				}
			}
		}
	}
	return nil
}
