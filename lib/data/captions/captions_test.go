package captions

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for caption, want := range map[string]string{
		"A red circle, and TWO stars.": "a red circle , and two stars .",
		"  Зелёный  круг ":             "зеленый круг",
		"hot-dog's end":                "hot-dog's end",
		"":                             "",
	} {
		if got := strings.Join(Words(caption), " "); got != want {
			t.Errorf("%q: %q, want %q", caption, got, want)
		}
	}
}

func TestEncode(t *testing.T) {
	v := Of("a red circle", "красный круг")
	got, err := v.Encode("A red КРУГ", 5)
	if err != nil || !slices.Equal(got, []int32{1, 3, 5, 0, 0}) {
		t.Errorf("%v, %v", got, err)
	}
	for caption, want := range map[string]string{
		"":                       "the caption is empty",
		" \n":                    "the caption is empty",
		"a a a a a a":            "has 6 words: it must have at most 5",
		"a blue circle of doubt": "words that the model never saw: blue, of, doubt",
	} {
		if _, err := v.Encode(caption, 5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", caption, err, want)
		}
	}
}
