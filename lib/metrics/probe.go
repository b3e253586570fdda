package metrics

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// Probe tells classes from features by straight lines: multinomial logistic regression with half the squared size of the weights as its penalty,
// scikit-learn's LogisticRegression with its defaults (C is 1, the intercept free).
type Probe struct {
	Weights   [][]float64 // [classes, features]
	Intercept []float64   // [classes]
}

// NewProbe fits known examples. x: [examples, features], classes: 0 up to, not including, count.
func NewProbe(x [][]float64, classes []int, count int) (*Probe, error) {
	if err := checkTable(x); err != nil {
		return nil, err
	}
	if len(classes) != len(x) {
		return nil, fmt.Errorf("metrics: there are %d classes for %d examples: there must be one for each", len(classes), len(x))
	}
	for i, c := range classes {
		if c < 0 || c >= count {
			return nil, fmt.Errorf("metrics: the class of example %d is %d: it must be 0 to %d", i, c, count-1)
		}
	}
	n, d := len(x), len(x[0])
	ones := mat.NewDense(n, d+1, nil) // the last column is the intercept's
	for i, row := range x {
		copy(ones.RawRowView(i), row)
		ones.Set(i, d, 1)
	}
	logits, gradient := mat.NewDense(n, count, nil), mat.NewDense(count, d+1, nil)
	// loss leaves what the loss's gradient asks for, probabilities less what is true, in logits.
	loss := func(w []float64) float64 {
		logits.Mul(ones, mat.NewDense(count, d+1, slices.Clone(w)).T())
		var sum float64
		for i, class := range classes {
			row := logits.RawRowView(i)
			largest := slices.Max(row)
			var total float64
			for _, l := range row {
				total += math.Exp(l - largest)
			}
			sum += largest + math.Log(total) - row[class]
			for k, l := range row {
				row[k] = math.Exp(l-largest) / total
			}
			row[class]--
		}
		for k := range count {
			for _, v := range w[k*(d+1) : k*(d+1)+d] {
				sum += v * v / 2
			}
		}
		return sum
	}
	problem := optimize.Problem{Func: loss, Grad: func(into, w []float64) {
		loss(w)
		gradient.Mul(logits.T(), ones)
		copy(into, gradient.RawMatrix().Data)
		for k := range count {
			for j := range d {
				into[k*(d+1)+j] += w[k*(d+1)+j]
			}
		}
	}}
	settings := &optimize.Settings{GradientThreshold: 1e-6 * float64(n), MajorIterations: 1000, Converger: optimize.NeverTerminate{}}
	result, err := optimize.Minimize(problem, make([]float64, count*(d+1)), settings, &optimize.LBFGS{Store: 20})
	if result == nil {
		return nil, fmt.Errorf("metrics: the probe can't be fitted: %w", err)
	}
	// A line search that finds no lower point any more ends in an error at the minimum.
	p := &Probe{}
	for k := range count {
		w := result.X[k*(d+1) : (k+1)*(d+1)]
		p.Weights, p.Intercept = append(p.Weights, w[:d]), append(p.Intercept, w[d])
	}
	return p, nil
}

// Classes tells the most likely class of each example.
func (p *Probe) Classes(x [][]float64) ([]int, error) {
	if err := checkTable(x); err != nil {
		return nil, err
	}
	if len(x[0]) != len(p.Weights[0]) {
		return nil, fmt.Errorf("metrics: an example has %d features: it must have %d", len(x[0]), len(p.Weights[0]))
	}
	told := make([]int, len(x))
	parallel(len(x), func(i int) {
		best := math.Inf(-1)
		for k, w := range p.Weights {
			logit := p.Intercept[k]
			for j, v := range w {
				logit += v * x[i][j]
			}
			if logit > best {
				best, told[i] = logit, k
			}
		}
	})
	return told, nil
}
