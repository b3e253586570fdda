package style

import (
	"strings"
	"testing"
)

// TestMaximize holds that a channel answers more to what was made for it than to noise.
func TestMaximize(t *testing.T) {
	p := small(t)
	mean := func(picture Picture) (sum float32) {
		seen, err := p.See(t.Context(), picture, []string{"relu1_2"})
		if err != nil {
			t.Fatal(err)
		}
		for i := 2; i < len(seen[0].Values); i += seen[0].Channels {
			sum += seen[0].Values[i]
		}
		return sum
	}
	made, err := p.Maximize(t.Context(), "relu1_2", 2, 8, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	if before, after := mean(noise(8, 8, 1)), mean(made); made.Height != 8 || !(after > before) {
		t.Errorf("the channel's sum goes from %g to %g", before, after)
	}
	for want, call := range map[string]func() error{
		`the layer is "relu9_1"`:  func() error { _, err := p.Maximize(t.Context(), "relu9_1", 0, 8, 1, 1); return err },
		"channel is 8":            func() error { _, err := p.Maximize(t.Context(), "relu3_1", 8, 8, 1, 1); return err },
		"size is 2: it must be 4": func() error { _, err := p.Maximize(t.Context(), "relu3_1", 0, 2, 1, 1); return err },
		"steps is 0":              func() error { _, err := p.Maximize(t.Context(), "relu3_1", 0, 8, 0, 1); return err },
		"the picture is 0x0":      func() error { _, err := p.See(t.Context(), Picture{}, []string{"relu1_1"}); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestLosses holds that a painting is nearer to its style than the content is.
func TestLosses(t *testing.T) {
	p, content, styles, o := small(t), picture(1, 16, 16), []Style{{Picture: picture(2, 16, 16)}}, quick()
	made, err := p.Gatys(t.Context(), content, styles, o)
	if err != nil {
		t.Fatal(err)
	}
	before, err := p.Losses(t.Context(), content, content, styles, o)
	if err != nil {
		t.Fatal(err)
	}
	after, err := p.Losses(t.Context(), made, content, styles, o)
	if err != nil || before.Content != 0 || !(after.Sum < before.Sum) {
		t.Errorf("the content has %+v, the painting %+v: %v", before, after, err)
	}
}
