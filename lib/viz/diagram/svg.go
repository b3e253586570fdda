// Package diagram draws how models are put together, as SVG: pure functions from a model's sizes to a picture for [viz.ShowHTML]. Each has
// its own light ground, and so is legible on light and on dark pages, and says in words what it shows.
package diagram

import (
	"fmt"
	"html"
	"strings"
)

// kind is what a part of a model is, to be coloured by.
type kind int

const (
	data   kind = iota // what goes in, what comes out
	net                // what is learned
	latent             // numbers in between
	rule               // what is computed, without weights
	loss               // what is made small
)

var colours = map[kind][2]string{ // ground and frame
	data: {"#eef1f4", "#6b7785"}, net: {"#dbe9fb", "#2f5f9f"}, latent: {"#e0f2e0", "#2f7a2f"}, rule: {"#fff3d6", "#94660f"}, loss: {"#fbe0e0", "#a83232"},
}

const ink = "#1f2328"

// drawing is a picture in the making. Places are in pixels, from the upper left.
type drawing struct {
	strings.Builder
	width, height int
	says          string
}

// draw begins a picture; says is what it shows, in words.
func draw(width, height int, says string) *drawing {
	return &drawing{width: width, height: height, says: says}
}

// svg is the whole picture.
func (d *drawing) svg() string {
	says := html.EscapeString(d.says)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%s" width="%d" height="%d" viewBox="0 0 %[2]d %[3]d" `+
		`style="max-width:100%%;height:auto" font-family="sans-serif" font-size="13"><title>%[1]s</title>`+
		`<rect x="0.5" y="0.5" width="%[4]d" height="%[5]d" rx="4" fill="#ffffff" stroke="#d0d7de"/>%[6]s</svg>`,
		says, d.width, d.height, d.width-1, d.height-1, d.String())
}

// box is a part of the model, with what stands in it, line by line.
func (d *drawing) box(k kind, x, y, w, h int, lines ...string) {
	fmt.Fprintf(d, `<rect x="%d" y="%d" width="%d" height="%d" rx="5" fill="%s" stroke="%s" stroke-width="1.5"/>`, x, y, w, h, colours[k][0], colours[k][1])
	for i, line := range lines {
		d.text(x+w/2, y+h/2+5-8*(len(lines)-1)+16*i, "middle", line)
	}
}

// node is a sum or a product, around a place.
func (d *drawing) node(x, y int, sign string) {
	fmt.Fprintf(d, `<circle cx="%d" cy="%d" r="12" fill="%s" stroke="%s" stroke-width="1.5"/>`, x, y, colours[rule][0], colours[rule][1])
	d.text(x, y+5, "middle", sign)
}

// text is a line of text; anchor is start, middle or end.
func (d *drawing) text(x, y int, anchor, line string) {
	fmt.Fprintf(d, `<text x="%d" y="%d" text-anchor="%s" fill="%s">%s</text>`, x, y, anchor, ink, html.EscapeString(line))
}

// line leads from point to point, x and y in turn.
func (d *drawing) line(points ...int) { d.lead("", false, points) }

// arrow is a line with a head at its end.
func (d *drawing) arrow(points ...int) { d.lead("", true, points) }

// gradient is a dashed arrow: what is learned from.
func (d *drawing) gradient(points ...int) { d.lead(` stroke-dasharray="5 4"`, true, points) }

func (d *drawing) lead(dashes string, head bool, points []int) {
	var at []string
	for i := 0; i+1 < len(points); i += 2 {
		at = append(at, fmt.Sprintf("%d,%d", points[i], points[i+1]))
	}
	fmt.Fprintf(d, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5"%s/>`, strings.Join(at, " "), ink, dashes)
	if !head {
		return
	}
	n := len(points)
	x, y, dx, dy := points[n-2], points[n-1], sign(points[n-2]-points[n-4]), sign(points[n-1]-points[n-3])
	fmt.Fprintf(d, `<polygon points="%d,%d %d,%d %d,%d" fill="%s"/>`, x, y, x-9*dx-4*dy, y-9*dy-4*dx, x-9*dx+4*dy, y-9*dy+4*dx, ink)
}

func sign(v int) int { return min(max(v, -1), 1) }

// frame is a dashed box around parts that are repeated or belong together, with its name in the upper left.
func (d *drawing) frame(x, y, w, h int, name string) {
	fmt.Fprintf(d, `<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="none" stroke="#6b7785" stroke-dasharray="3 3"/>`, x, y, w, h)
	d.text(x+8, y+16, "start", name)
}

// square is a cell of a grid.
func (d *drawing) square(x, y, side int, fill string) {
	fmt.Fprintf(d, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s" stroke="#6b7785"/>`, x, y, side, side, fill)
}

// Chain is one part after the other. A part is one line or two, cut at a line's end.
func Chain(says string, parts ...string) string {
	const wide, gap = 112, 26
	d := draw(20+len(parts)*(wide+gap)-gap, 90, says)
	for i, part := range parts {
		k := net
		if i == 0 || i == len(parts)-1 {
			k = data
		}
		x := 10 + i*(wide+gap)
		d.box(k, x, 15, wide, 60, strings.Split(part, "\n")...)
		if i > 0 {
			d.arrow(x-gap, 45, x, 45)
		}
	}
	return d.svg()
}
