package stylegan

import (
	"math"
	"testing"
)

// TestLowpass compares with SciPy 1.17.1: firwin(12, 2, width=4.5, fs=32), and the jinc of the same numbers under the Kaiser window that
// kaiser_beta(kaiser_atten(…)) gives.
func TestLowpass(t *testing.T) {
	for _, test := range []struct {
		radial bool
		want   map[int]float64
	}{
		{false, map[int]float64{0: 0.0214099801999, 3: 0.100580139419, 5: 0.138125754485, 11: 0.0214099801999}},
		{true, map[int]float64{0: 0.000582017421382, 5: 0.00360431467989, 66: 0.0172711988002, 77: 0.0172711988002, 143: 0.000582017421382}},
	} {
		f := Lowpass(12, 2, 4.5, 32, test.radial)
		sum := 0.0
		for _, v := range f {
			sum += float64(v)
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("radial %t: the sum is %g, want 1", test.radial, sum)
		}
		for i, want := range test.want {
			if math.Abs(float64(f[i])-want) > 1e-8 {
				t.Errorf("radial %t: tap %d is %g, SciPy's %g", test.radial, i, f[i], want)
			}
		}
	}
	if Lowpass(1, 2, 4, 32, false) != nil {
		t.Error("a single tap is a filter")
	}
}
