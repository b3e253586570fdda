package metrics

import "gonum.org/v1/gonum/dsp/fourier"

// transform is the discrete Fourier transform of n×n values, row by row.
type transform struct {
	n   int
	fft *fourier.CmplxFFT
}

func newTransform(n int) transform { return transform{n, fourier.NewCmplxFFT(n)} }

// forth transforms x in place.
func (t transform) forth(x []complex128) { t.each(x, t.fft.Coefficients) }

// back is forth undone.
func (t transform) back(x []complex128) {
	t.each(x, t.fft.Sequence)
	for i := range x {
		x[i] /= complex(float64(t.n*t.n), 0)
	}
}

// each applies f to each row, then to each column.
func (t transform) each(x []complex128, f func(dst, src []complex128) []complex128) {
	n := t.n
	line, column := make([]complex128, n), make([]complex128, n)
	for i := range n {
		copy(x[i*n:(i+1)*n], f(line, x[i*n:(i+1)*n]))
	}
	for j := range n {
		for i := range n {
			column[i] = x[i*n+j]
		}
		f(line, column)
		for i := range n {
			x[i*n+j] = line[i]
		}
	}
}
