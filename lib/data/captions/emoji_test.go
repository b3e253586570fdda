package captions

import (
	"errors"
	"strings"
	"testing"

	"genlab/lib/data/fetch"
)

func TestEmoji(t *testing.T) {
	p, err := Emoji(16, Styles[:1], EmojiLanguages)
	if errors.Is(err, fetch.ErrAbsent) {
		t.Skipf("the emoji aren't there: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.List); n < 1800 || n > 2000 {
		t.Errorf("there are %d emoji ", n)
	}
	for _, pair := range p.List {
		if strings.Join(pair.Captions, "|") == "grinning face|широко улыбается|grinsendes Gesicht" {
			return
		}
	}
	t.Errorf("the first emoji is captioned %q", p.List[0].Captions)
}
