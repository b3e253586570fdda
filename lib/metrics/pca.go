package metrics

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// PCA is a principal component analysis, as scikit-learn's class of that name has it: examples are centred, not scaled, and variances are by
// n-1. A component's entry of the largest size is positive.
type PCA struct {
	Mean              []float64   // [features]
	Components        [][]float64 // [components, features], of length 1, the one of the largest variance first
	ExplainedVariance []float64   // [components]
	ExplainedRatio    []float64   // of the variance of all features
	SingularValues    []float64   // of the centred examples
	// Whiten makes [PCA.Transform] divide by the standard deviations.
	Whiten bool
}

// NewPCA finds the first components of examples x [examples, features], at most as many as the smaller of the two.
func NewPCA(x [][]float64, components int) (*PCA, error) {
	if err := checkTable(x); err != nil {
		return nil, err
	}
	n, d := len(x), len(x[0])
	if n < 2 {
		return nil, fmt.Errorf("metrics: a principal component analysis has %d examples: there must be at least 2", n)
	}
	if most := min(n, d); components < 1 || components > most {
		return nil, fmt.Errorf("metrics: components is %d: it must be 1 to %d with %d examples of %d features", components, most, n, d)
	}
	dense := table(x)
	vectors, variances, err := principal(dense)
	if err != nil {
		return nil, err
	}
	var total float64
	for _, v := range variances {
		total += v
	}
	p := &PCA{Mean: make([]float64, d)}
	for j := range d {
		p.Mean[j] = stat.Mean(mat.Col(nil, j, dense), nil)
	}
	for k := range components {
		row := mat.Col(nil, k, vectors)
		largest := 0
		for j, v := range row {
			if math.Abs(v) > math.Abs(row[largest]) {
				largest = j
			}
		}
		if row[largest] < 0 {
			for j := range row {
				row[j] = -row[j]
			}
		}
		p.Components = append(p.Components, row)
		p.ExplainedVariance = append(p.ExplainedVariance, variances[k])
		p.ExplainedRatio = append(p.ExplainedRatio, variances[k]/total)
		p.SingularValues = append(p.SingularValues, math.Sqrt(variances[k]*float64(n-1)))
	}
	return p, nil
}

// principal gives the directions of x, in columns, and their variances, falling. Many examples are taken by their covariance, which is quicker and as
// good for all but the smallest variances: where scikit-learn does so, too.
func principal(x *mat.Dense) (vectors *mat.Dense, variances []float64, err error) {
	n, d := x.Dims()
	vectors = &mat.Dense{}
	if d > 1000 || n < 10*d {
		var pc stat.PC
		if !pc.PrincipalComponents(x, nil) {
			return nil, nil, errors.New("metrics: the singular values don't converge")
		}
		pc.VectorsTo(vectors)
		return vectors, pc.VarsTo(nil), nil
	}
	covariance := mat.NewSymDense(d, nil)
	stat.CovarianceMatrix(covariance, x, nil)
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, nil, errors.New("metrics: the covariance's eigenvalues don't converge")
	}
	var rising mat.Dense
	eigen.VectorsTo(&rising)
	values := eigen.Values(nil)
	vectors.ReuseAs(d, d)
	for k := range d {
		vectors.SetCol(k, mat.Col(nil, d-1-k, &rising))
		variances = append(variances, max(0, values[d-1-k]))
	}
	return vectors, variances, nil
}

// Transform gives the components of examples: [examples, features] becomes [examples, components].
func (p *PCA) Transform(x [][]float64) ([][]float64, error) {
	if err := p.check(x, len(p.Mean), "features"); err != nil {
		return nil, err
	}
	out := make([][]float64, len(x))
	parallel(len(x), func(i int) {
		out[i] = make([]float64, len(p.Components))
		for k, c := range p.Components {
			for j, v := range x[i] {
				out[i][k] += (v - p.Mean[j]) * c[j]
			}
			out[i][k] /= p.scale(k)
		}
	})
	return out, nil
}

// Inverse gives examples of some components, which is what the components keep of them: [examples, components] becomes [examples, features].
func (p *PCA) Inverse(z [][]float64) ([][]float64, error) {
	if err := p.check(z, len(p.Components), "components"); err != nil {
		return nil, err
	}
	out := make([][]float64, len(z))
	parallel(len(z), func(i int) {
		out[i] = append([]float64{}, p.Mean...)
		for k, c := range p.Components {
			for j, v := range c {
				out[i][j] += z[i][k] * p.scale(k) * v
			}
		}
	})
	return out, nil
}

// scale is what a component is divided by.
func (p *PCA) scale(k int) float64 {
	if !p.Whiten {
		return 1
	}
	return math.Sqrt(max(p.ExplainedVariance[k], math.SmallestNonzeroFloat64))
}

func (p *PCA) check(x [][]float64, width int, what string) error {
	if err := checkTable(x); err != nil {
		return err
	}
	if len(x[0]) != width {
		return fmt.Errorf("metrics: an example has %d %s: it must have %d", len(x[0]), what, width)
	}
	return nil
}

func table(x [][]float64) *mat.Dense {
	dense := mat.NewDense(len(x), len(x[0]), nil)
	for i, row := range x {
		dense.SetRow(i, row)
	}
	return dense
}

// checkTable wants rows of the same length, at least one, of finite numbers.
func checkTable(x [][]float64) error {
	if len(x) == 0 || len(x[0]) == 0 {
		return errors.New("metrics: there are no examples: there must be at least one, of at least one feature")
	}
	for i, row := range x {
		if len(row) != len(x[0]) {
			return fmt.Errorf("metrics: example %d has %d features, the first has %d: there must be as many", i, len(row), len(x[0]))
		}
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("metrics: feature %d of example %d is %v: it must be a finite number", j, i, v)
			}
		}
	}
	return nil
}
