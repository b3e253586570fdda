package viz

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// TextHTML is a text in a piece of HTML, each part of it on a ground that is the redder the higher its value, white at 0 and deep from
// high on; pointing at a part shows the value. A value that is not finite leaves its part plain: the first token of a text has no loss.
func TextHTML(parts []string, values []float64, high float64, unit string) (string, error) {
	if len(parts) != len(values) || len(parts) == 0 {
		return "", fmt.Errorf("viz: a text of %d parts with %d values: there must be as many, and at least one", len(parts), len(values))
	}
	if !(high > 0) || math.IsInf(high, 0) {
		return "", fmt.Errorf("viz: the highest value of a text is %g: it must be a positive number", high)
	}
	var b strings.Builder
	b.WriteString(`<div style="white-space:pre-wrap;font-family:monospace;line-height:1.6;color:#222;background:#fff;padding:8px">`)
	for i, part := range parts {
		// A line's end is shown, so that it can be pointed at.
		shown := strings.ReplaceAll(html.EscapeString(part), "\n", "↵\n")
		if !finite(values[i]) {
			b.WriteString(shown)
			continue
		}
		fade := 255 - int(min(max(values[i]/high, 0), 1)*160+0.5)
		fmt.Fprintf(&b, `<span style="background:rgb(255,%d,%d)" title="%.2f %s">%s</span>`, fade, fade, values[i], html.EscapeString(unit), shown)
	}
	b.WriteString("</div>")
	return b.String(), nil
}
