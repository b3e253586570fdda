package audio

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// SpectrumConfig says how a sound is cut into frames.
type SpectrumConfig struct {
	Window int // samples a frame, under a Hann window
	Hop    int // samples from a frame's beginning to the next one's
}

// Spectrogram is the power of each frequency over time, [frames][Window/2+1], by the short-time Fourier transform: |Σ x·w·e^(-2πift)|²,
// with the periodic Hann window and no padding, as librosa.stft has them with center=False. Frequency i is i·rate/Window Hz.
func Spectrogram(samples []float32, c SpectrumConfig) ([][]float64, error) {
	if c.Window < 2 || c.Hop < 1 {
		return nil, fmt.Errorf("audio: a spectrogram's window is %d and its hop %d: they must be at least 2 and 1", c.Window, c.Hop)
	}
	if len(samples) < c.Window {
		return nil, fmt.Errorf("audio: a spectrogram of %d samples: there must be at least a window of %d", len(samples), c.Window)
	}
	hann := make([]float64, c.Window)
	for i := range hann {
		hann[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(c.Window))
	}
	transform := fourier.NewFFT(c.Window)
	frame := make([]float64, c.Window)
	var powers [][]float64
	for from := 0; from+c.Window <= len(samples); from += c.Hop {
		for i, w := range hann {
			frame[i] = w * float64(samples[from+i])
		}
		power := make([]float64, c.Window/2+1)
		for i, z := range transform.Coefficients(nil, frame) {
			power[i] = real(z)*real(z) + imag(z)*imag(z)
		}
		powers = append(powers, power)
	}
	return powers, nil
}

// Mel sums a spectrogram's frequencies in bands that the ear tells apart, from 0 to rate/2: triangles, even on Slaney's mel scale and of equal
// area ("Auditory toolbox", 1998), as librosa.feature.melspectrogram has them. powers: [frames][frequencies], result: [frames][bands].
func Mel(powers [][]float64, rate, bands int) ([][]float64, error) {
	if bands < 1 || rate < 1 {
		return nil, fmt.Errorf("audio: %d mel bands at a rate of %d: there must be at least one of each", bands, rate)
	}
	if len(powers) == 0 {
		return nil, fmt.Errorf("audio: mel bands of a spectrogram without a frame: give it one")
	}
	highest := toMel(float64(rate) / 2)
	corners := make([]float64, bands+2) // in Hz: where a triangle begins, has its top, ends
	for i := range corners {
		corners[i] = fromMel(highest * float64(i) / float64(bands+1))
	}
	frequencies := len(powers[0])
	step := float64(rate) / 2 / float64(frequencies-1)
	result := make([][]float64, len(powers))
	for t := range result {
		result[t] = make([]float64, bands)
	}
	for b := range bands {
		left, top, right := corners[b], corners[b+1], corners[b+2]
		for i := range frequencies {
			f := float64(i) * step
			weight := max(0, min((f-left)/(top-left), (right-f)/(right-top))) * 2 / (right - left)
			if weight == 0 {
				continue
			}
			for t, power := range powers {
				result[t][b] += weight * power[i]
			}
		}
	}
	return result, nil
}

// Slaney's scale is linear up to 1000 Hz, which is 15 mels, and logarithmic above.
const (
	linearHz = 1000
	melHz    = 200.0 / 3
	kneeMel  = linearHz / melHz
)

var logStep = math.Log(6.4) / 27

func toMel(hz float64) float64 {
	if hz < linearHz {
		return hz / melHz
	}
	return kneeMel + math.Log(hz/linearHz)/logStep
}

func fromMel(mel float64) float64 {
	if mel < kneeMel {
		return mel * melHz
	}
	return linearHz * math.Exp(logStep*(mel-kneeMel))
}

// Decibels are 10·log₁₀ of powers over the largest, no less than the given floor, such as -80.
func Decibels(powers [][]float64, floor float64) [][]float64 {
	largest := 0.0
	for _, row := range powers {
		for _, p := range row {
			largest = max(largest, p)
		}
	}
	result := make([][]float64, len(powers))
	for t, row := range powers {
		result[t] = make([]float64, len(row))
		for i, p := range row {
			result[t][i] = floor
			if p > 0 {
				result[t][i] = max(floor, 10*math.Log10(p/largest))
			}
		}
	}
	return result
}
