package spec

import (
	"strings"
	"testing"
)

// TestWithSizes changes known sizes alone, in a copy.
func TestWithSizes(t *testing.T) {
	w := &Workload{Name: "one", Sizes: Sizes{"batch": 128, "hidden": 3}}
	for _, c := range []struct {
		sizes Sizes
		want  string
	}{{Sizes{"width": 3}, "batch, hidden"}, {Sizes{"batch": 0}, "at least 1"}} {
		if _, err := w.WithSizes(c.sizes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.sizes, err, c.want)
		}
	}
	if changed, err := w.WithSizes(Sizes{"batch": 2}); err != nil || changed.Sizes["batch"] != 2 || w.Sizes["batch"] != 128 {
		t.Errorf("WithSizes gives %v, %v and leaves %v", changed, err, w.Sizes)
	}
}
