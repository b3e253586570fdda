package audio

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	list := Made(6)
	training, validation, err := Split(list, ByNumber(5))
	if err != nil || len(training) != 20 || len(validation) != 100 {
		t.Errorf("by number: %d and %d, %v", len(training), len(validation), err)
	}
	training, validation, err = Split(list, BySpeaker("low"))
	if err != nil || !slices.Equal(Speakers(training), []string{"high"}) || !slices.Equal(Speakers(validation), []string{"low"}) || len(Digits(validation)) != 10 {
		t.Errorf("by speaker: %v and %v, %v", Speakers(training), Speakers(validation), err)
	}
	if _, validation, err = Split(list, Every(10)); err != nil || len(validation) != 12 {
		t.Errorf("every tenth: %d, %v", len(validation), err)
	}
	if _, _, err := Split(list, BySpeaker("bob")); err == nil {
		t.Error("nobody was held back, and nobody said so")
	}
}
