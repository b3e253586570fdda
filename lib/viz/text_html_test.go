package viz

import (
	"math"
	"strings"
	"testing"
)

// Every part stands in the page, escaped, on the ground of its value.
func TestTextHTML(t *testing.T) {
	got, err := TextHTML([]string{"<script>", "&\n", "я", "x"}, []float64{math.NaN(), 0, 2, 9}, 4, `"nats"`)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`">&lt;script&gt;<span`,
		"<span style=\"background:rgb(255,255,255)\" title=\"0.00 &#34;nats&#34;\">&amp;↵\n</span>",
		`<span style="background:rgb(255,175,175)" title="2.00 &#34;nats&#34;">я</span>`,
		`<span style="background:rgb(255,95,95)" title="9.00`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	for want, err := range map[string]error{
		"1 parts with 0 values": func() error { _, err := TextHTML([]string{"a"}, nil, 1, ""); return err }(),
		"highest value":         func() error { _, err := TextHTML([]string{"a"}, []float64{1}, 0, ""); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
