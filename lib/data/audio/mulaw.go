package audio

import "math"

// MuLaw is the code of a sample on the µ-law's smooth curve, from 0 to classes-1, as torchaudio has it; louder than 1 is 1.
func MuLaw(x float32, classes int) int32 {
	mu := float64(classes - 1)
	size := math.Log1p(mu*math.Min(1, math.Abs(float64(x)))) / math.Log1p(mu)
	return int32(math.Floor((math.Copysign(size, float64(x))+1)/2*mu + 0.5))
}

// Linear is the sample that a code stands for, in [-1, 1].
func Linear(code int32, classes int) float32 {
	mu := float64(classes - 1)
	y := 2*float64(code)/mu - 1
	return float32(math.Copysign(math.Expm1(math.Abs(y)*math.Log1p(mu))/mu, y))
}
