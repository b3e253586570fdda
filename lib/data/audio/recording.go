// Package audio reads recordings for a model of sound: a folder or a zip of WAV files, all of one rate, made mono, trimmed, and told apart
// by what their names say. What isn't as it must be is an error that names the file.
//
// The recordings that genlab's figures are of are the Free Spoken Digit Dataset (Zohar Jackson and others, CC-BY-SA-4.0): 3,000 of six
// speakers, 8 kHz, called DIGIT_SPEAKER_NUMBER.wav. Get it by
//
//	git clone https://github.com/Jakobovski/free-spoken-digit-dataset
//
// and give its folder recordings, or a zip of it. [FSDDDigest] is the checksum of what is in it.
package audio

import (
	"fmt"
	"math"
	"path"
	"strings"

	"genlab/lib/data/identity"
)

// Recording is a piece of sound with one channel.
type Recording struct {
	Name    string // of the file, below the folder
	Rate    int    // samples a second
	Samples []float32
	// Digit, Speaker and Number are what a name such as 7_jackson_32.wav says; "" where it says nothing.
	Digit, Speaker, Number string
}

// Seconds is how long it is.
func (r Recording) Seconds() float64 { return float64(len(r.Samples)) / float64(r.Rate) }

// label fills in what the name says.
func (r *Recording) label() {
	name := path.Base(r.Name)
	parts := strings.Split(strings.TrimSuffix(name, path.Ext(name)), "_")
	if len(parts) == 3 {
		r.Digit, r.Speaker, r.Number = parts[0], parts[1], parts[2]
	}
}

// check refuses what is no sound.
func (r Recording) check() error {
	if len(r.Samples) == 0 {
		return fmt.Errorf("%s has no samples: it must have some", r.Name)
	}
	for i, x := range r.Samples {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("%s: sample %d is %g: it must be a number", r.Name, i, x)
		}
	}
	return nil
}

// Digest is the checksum of recordings, however they are packed: of their names and samples.
func Digest(recordings []Recording) string {
	d := identity.NewDigest()
	for _, r := range recordings {
		codes := make([]int32, len(r.Samples))
		for i, x := range r.Samples {
			codes[i] = int32(math.Float32bits(x))
		}
		d = d.Text(path.Base(r.Name), r.Rate).Int32s(codes)
	}
	return d.String()
}
