package diagram

import (
	"fmt"
	"slices"
)

// Autoregression is a linear one, of so many lags.
func Autoregression(lags int) string {
	d := draw(640, 200, fmt.Sprintf("Linear autoregression: each of the %d values before is multiplied by a coefficient; their sum and a piece of noise is the next value, which is one of those before for the next.", lags))
	for i := range lags {
		x := 30 + i*110
		d.box(data, x, 130, 90, 36, fmt.Sprintf("y, %d back", lags-i))
		d.arrow(x+45, 130, x+45, 62)
		d.text(x+52, 100, "start", "× φ"+string([]rune("₁₂₃₄₅₆₇₈₉")[lags-i-1]))
	}
	end := 30 + lags*110
	d.line(75, 50, end, 50)
	for i := range lags {
		d.line(75+i*110, 62, 75+i*110, 50)
	}
	d.arrow(end, 50, end+18, 50)
	d.node(end+30, 50, "+")
	d.arrow(end+30, 130, end+30, 62)
	d.text(end+30, 148, "middle", "noise ε")
	d.arrow(end+42, 50, end+90, 50)
	d.box(data, end+90, 32, 60, 36, "yₜ")
	return d.svg()
}

// Masks are the two masks of a convolution over pixels in reading order, by the kernel's side, and a gated layer with its two stacks.
func Masks(kernel int) string {
	const side = 22
	d := draw(800, 330, fmt.Sprintf("Masks of a %d by %[1]d convolution: A sees what comes before the pixel in reading order and not the pixel itself, B the pixel too. Beside them a gated layer: a stack for the rows above and one for the row itself, each through tanh times sigmoid, the first feeding the second.", kernel))
	for m, name := range []string{"mask A, first layer", "mask B, later layers"} {
		x, y := 24, 40+150*m
		d.text(x, y-10, "start", name)
		for i := range kernel * kernel {
			fill := "#ffffff"
			switch centre := kernel * kernel / 2; {
			case i < centre || i == centre && m == 1:
				fill = "#9cc3f0"
			case i == centre:
				fill = "#fbe0e0"
			}
			d.square(x+i%kernel*side, y+i/kernel*side, side, fill)
		}
	}
	x := 240
	d.text(x, 26, "start", "a gated layer")
	for i, c := range [][3]string{{"rows above", "convolution, above", ""}, {"the row", "convolution, left", "1×1"}} {
		y := 60 + 150*i
		d.box(data, x, y, 90, 40, c[0])
		d.arrow(x+90, y+20, x+115, y+20)
		d.box(net, x+115, y, 135, 40, c[1])
		if i == 1 {
			d.arrow(x+250, y+20, x+268, y+20)
			d.node(x+280, y+20, "+")
			d.arrow(x+292, y+20, x+310, y+20)
		} else {
			d.arrow(x+250, y+20, x+310, y+20)
			d.arrow(x+280, y+20, x+280, y+60)
			d.box(net, x+255, y+60, 50, 34, "1×1")
			d.arrow(x+280, y+94, x+280, y+158)
		}
		d.box(rule, x+310, y, 90, 40, "tanh ⊙ σ")
		if i == 0 {
			d.arrow(x+400, y+20, x+530, y+20)
		} else {
			d.arrow(x+400, y+20, x+420, y+20)
			d.box(net, x+420, y, 50, 40, "1×1")
			d.arrow(x+470, y+20, x+483, y+20)
			d.node(x+495, y+20, "+")
			d.arrow(x+507, y+20, x+530, y+20)
			d.arrow(x+45, y+40, x+45, y+75, x+495, y+75, x+495, y+32)
			d.text(x+270, y+92, "middle", "residual")
		}
	}
	return d.svg()
}

// WaveNet is a block and where all blocks meet, by the dilations of the layers and the number of codes.
func WaveNet(dilations []int, codes int) string {
	d := draw(800, 290, fmt.Sprintf("WaveNet: a block convolves what came before, two samples %d to %d apart, in two ways; tanh of one times sigmoid of the other passes; a 1 by 1 convolution adds it to the way on, another sends it out, where all %d blocks are added and turned to a distribution over %d codes.", slices.Min(dilations), slices.Max(dilations), len(dilations), codes))
	d.frame(14, 20, 560, 190, fmt.Sprintf("block, %d of them, dilations %d to %d", len(dilations), slices.Min(dilations), slices.Max(dilations)))
	d.line(20, 110, 44, 110)
	d.arrow(44, 110, 44, 70, 60, 70)
	d.arrow(44, 110, 44, 130, 60, 130)
	d.box(net, 60, 52, 130, 36, "dilated convolution")
	d.box(net, 60, 112, 130, 36, "dilated convolution")
	d.arrow(190, 70, 220, 70)
	d.arrow(190, 130, 220, 130)
	d.box(rule, 220, 52, 60, 36, "tanh")
	d.box(rule, 220, 112, 60, 36, "σ, gate")
	d.arrow(280, 70, 320, 70, 320, 88)
	d.arrow(280, 130, 320, 130, 320, 112)
	d.node(320, 100, "×")
	d.arrow(332, 100, 370, 100)
	d.box(net, 370, 82, 60, 36, "1×1")
	d.arrow(430, 100, 488, 100)
	d.node(500, 100, "+")
	d.arrow(512, 100, 600, 100)
	d.text(606, 105, "start", "to the next block")
	d.arrow(44, 110, 44, 185, 500, 185, 500, 112)
	d.text(300, 180, "middle", "residual")
	d.arrow(350, 100, 350, 226)
	d.box(net, 320, 226, 60, 34, "1×1")
	d.arrow(380, 243, 408, 243)
	d.text(394, 280, "middle", "skips of all blocks")
	d.node(420, 243, "Σ")
	d.arrow(432, 243, 456, 243)
	d.box(net, 456, 226, 164, 34, "ReLU, 1×1, ReLU, 1×1")
	d.arrow(620, 243, 644, 243)
	d.box(rule, 644, 226, 136, 34, fmt.Sprintf("softmax over %d", codes))
	return d.svg()
}
