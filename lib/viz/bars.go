package viz

import (
	"fmt"
	"image"
	"image/color"
)

// Bars draws shares between 0 and 1, such as the probabilities of the next token, as bars with their labels before them and
// per cents behind.
func Bars(labels []string, shares []float64) image.Image {
	if len(labels) == 0 || len(labels) != len(shares) {
		return fail(fmt.Errorf("viz: %d labels and %d shares: there must be at least one label, and a share for each", len(labels), len(shares)))
	}
	face, err := newFace(textSize)
	if err != nil {
		return fail(err)
	}
	const line, room = 22, 400
	left := 0
	for i, l := range labels {
		if !finite(shares[i]) || shares[i] < 0 || shares[i] > 1 {
			return fail(fmt.Errorf("viz: share %d (%s) is %g: it must be 0 to 1", i, l, shares[i]))
		}
		left = max(left, textWidth(face, l))
	}
	left += margin + labelGap
	c := newCanvas(left+room+60+margin, 2*margin+line*len(labels))
	for i, l := range labels {
		middle := margin + line*i + line/2
		write(c, face, l, margin, middle)
		width := int(shares[i]*room + 0.5)
		fill(c, image.Rect(left, middle-7, left+max(1, width), middle+7), color.RGBA{0, 0x72, 0xb2, 255})
		write(c, face, fmt.Sprintf("%.1f%%", 100*shares[i]), left+width+labelGap, middle)
	}
	return c
}
