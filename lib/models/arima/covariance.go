package arima

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// covariance fills in Cov and StdErr. It computes them in the series' own units: what counts as singular would depend on others.
func (m *Model) covariance(u units) {
	l := newLayout(m.Config, len(m.exog))
	k := likelihood(u.layout(l), u.series(m.Config, m.y), allIn(u.exog, m.exog))
	size, unit := len(m.Params), u.params(l)
	params := make([]float64, size)
	for i, p := range m.Params {
		params[i] = p / unit[i]
	}
	s := scores(k, params, k.run)
	information := mat.NewSymDense(size, nil)
	information.SymOuterK(1, s.T())
	if m.Covariance == Hessian {
		m.Cov = hessian(k, params, whitener(s))
	} else {
		m.Cov = pseudoInverse(information)
	}
	for i, u := range unit {
		for j, v := range unit {
			m.Cov.Set(i, j, m.Cov.At(i, j)*u*v)
		}
	}
	m.StdErr = make([]float64, size)
	for i := range m.StdErr {
		m.StdErr[i] = math.Sqrt(m.Cov.At(i, i))
	}
	if c := mat.Cond(information, 2); c > 1e16 {
		m.Warnings = append(m.Warnings, "the covariance of the estimates is singular or nearly so: the standard errors may be unstable")
	}
}

// hessian is the inverse of the observed information. The second derivatives are central differences in
// whitened coordinates, where a step is the same share of a standard error in each direction: differences of the
// parameters themselves would lose the directions that the data hardly determine.
func hessian(k *filter, params []float64, toX *mat.Dense) *mat.Dense {
	size := len(params)
	const h = 0.03
	z, x := make([]float64, size), make([]float64, size)
	at := func(i, j int, hi, hj float64) float64 {
		clear(z)
		z[i] += hi
		z[j] += hj
		mulVec(x, toX, z)
		for i, p := range params {
			x[i] += p
		}
		return k.run(x)
	}
	top := k.run(params)
	information := mat.NewSymDense(size, nil)
	for i := range size {
		information.SetSym(i, i, -(at(i, i, h, 0)-2*top+at(i, i, -h, 0))/(h*h))
		for j := range i {
			d := at(i, j, h, h) - at(i, j, h, -h) - at(i, j, -h, h) + at(i, j, -h, -h)
			information.SetSym(i, j, -d/(4*h*h))
		}
	}
	var half, cov mat.Dense
	half.Mul(toX, pseudoInverse(information))
	cov.Mul(&half, toX.T())
	return &cov
}

// pseudoInverse inverts what can be inverted, as statsmodels does.
func pseudoInverse(a *mat.SymDense) *mat.Dense {
	n := a.SymmetricDim()
	out := mat.NewDense(n, n, nil)
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDFull) {
		for i := range n {
			out.Set(i, i, math.NaN())
		}
		return out
	}
	values := svd.Values(nil)
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	for i, w := range values {
		if w <= 1e-15*values[0] {
			continue
		}
		for r := range n {
			for c := range n {
				out.Set(r, c, out.At(r, c)+v.At(r, i)*u.At(c, i)/w)
			}
		}
	}
	return out
}
