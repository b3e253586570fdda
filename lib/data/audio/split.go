package audio

import (
	"fmt"
	"slices"
	"strconv"
)

// Split parts recordings, each whole, into those to train on and those to validate by: in validation is what held says of.
func Split(list []Recording, held func(Recording) bool) (training, validation []Recording, err error) {
	for _, r := range list {
		if held(r) {
			validation = append(validation, r)
		} else {
			training = append(training, r)
		}
	}
	if len(training) == 0 || len(validation) == 0 {
		return nil, nil, fmt.Errorf("audio: of %d recordings %d are to train on and %d to validate by: there must be some of either", len(list), len(training), len(validation))
	}
	return training, validation, nil
}

// ByNumber holds the recordings whose number is below n: 0 to 4 is the customary validation of the spoken digits.
func ByNumber(n int) func(Recording) bool {
	return func(r Recording) bool {
		number, err := strconv.Atoi(r.Number)
		return err == nil && number < n
	}
}

// BySpeaker holds all recordings of a speaker.
func BySpeaker(name string) func(Recording) bool {
	return func(r Recording) bool { return r.Speaker == name }
}

// Every holds each n-th recording, for those whose names say nothing.
func Every(n int) func(Recording) bool {
	i := 0
	return func(Recording) bool { i++; return i%n == 0 }
}

// Speakers are those of recordings, sorted; "" isn't one.
func Speakers(list []Recording) []string {
	return names(list, func(r Recording) string { return r.Speaker })
}

// Digits are the labels that recordings have, sorted; "" isn't one.
func Digits(list []Recording) []string {
	return names(list, func(r Recording) string { return r.Digit })
}

func names(list []Recording, of func(Recording) string) []string {
	var all []string
	for _, r := range list {
		if name := of(r); name != "" {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
