package stylegan

import "math"

// Lowpass designs the low-pass filter of a change of rate (Karras et al. 2021, section 3.2 and appendix C.1). With radial it is
// [taps·taps], alike in all directions, else [taps], for either axis. cutoff and width, that of the transition, are in the unit of rate,
// cycles a picture. The sum is 1; of a single tap there is no filter, nil.
func Lowpass(taps int, cutoff, width, rate float64, radial bool) []float32 {
	if taps == 1 {
		return nil
	}
	window := kaiser(taps, attenuation(taps, width/(rate/2)))
	at := func(i int) float64 { return (float64(i) - float64(taps-1)/2) / rate }
	var f []float64
	if radial {
		for i := range taps {
			for j := range taps {
				f = append(f, jinc(cutoff, math.Hypot(at(i), at(j)))*window[i]*window[j])
			}
		}
	} else {
		for i := range taps {
			f = append(f, sinc(2*cutoff*at(i))*window[i])
		}
	}
	sum := 0.0
	for _, v := range f {
		sum += v
	}
	out := make([]float32, len(f))
	for i, v := range f {
		out[i] = float32(v / sum)
	}
	return out
}

// attenuation is that of the stop band, in dB, for a transition of the given width, a part of half the rate (Kaiser's formula).
func attenuation(taps int, width float64) float64 {
	return 2.285*float64(taps-1)*math.Pi*width + 7.95
}

// kaiser is Kaiser's window for an attenuation.
func kaiser(taps int, attenuation float64) []float64 {
	beta := 0.0
	switch a := attenuation; {
	case a > 50:
		beta = 0.1102 * (a - 8.7)
	case a > 21:
		beta = 0.5842*math.Pow(a-21, 0.4) + 0.07886*(a-21)
	}
	w := make([]float64, taps)
	for i := range w {
		x := 2*float64(i)/float64(taps-1) - 1
		w[i] = besselI0(beta*math.Sqrt(1-x*x)) / besselI0(beta)
	}
	return w
}

// besselI0 is the modified Bessel function of order 0, by its power series.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-17*sum; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// jinc is the transform of a disc of radius cutoff.
func jinc(cutoff, r float64) float64 {
	if r == 0 {
		return cutoff
	}
	return math.J1(2*math.Pi*cutoff*r) / (math.Pi * r)
}
