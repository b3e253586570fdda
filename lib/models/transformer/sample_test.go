package transformer

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func TestBadTexts(t *testing.T) {
	m, err := New(Tiny(10), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		text       []int32
		search     SearchConfig
	}{
		{"empty", "text 1 is empty", nil, SearchConfig{}},
		{"unknown", "holds token 10: it must be 3 to 9", []int32{10}, SearchConfig{}},
		{"special", "holds token 2", []int32{4, End, 5}, SearchConfig{}},
		{"too long", "has 256 tokens: the model takes at most 255", slices.Repeat([]int32{4}, 256), SearchConfig{}},
		{"beam", "beam is -1", []int32{4}, SearchConfig{Beam: -1}},
		{"max tokens", "max_tokens is 256: it must be 1 to 255", []int32{4}, SearchConfig{MaxTokens: 256}},
		{"penalty", "length_penalty is -1", []int32{4}, SearchConfig{LengthPenalty: -1}},
	} {
		if _, err := m.Translate(context.Background(), [][]int32{c.text}, c.search); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
}
