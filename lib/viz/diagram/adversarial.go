package diagram

import "fmt"

// GAN is the game of two networks.
func GAN() string {
	d := draw(780, 250, "A GAN: noise goes through the generator and becomes a made example; the discriminator sees real and made ones; its loss moves it, and the loss of the generator goes back through it to the generator.")
	d.box(data, 20, 140, 100, 50, "noise z")
	d.arrow(120, 165, 160, 165)
	d.box(net, 160, 140, 110, 50, "generator G")
	d.arrow(270, 165, 310, 165)
	d.box(data, 310, 140, 100, 50, "made G(z)")
	d.box(data, 310, 30, 100, 50, "real x")
	d.box(net, 480, 80, 110, 60, "discriminator", "D")
	d.arrow(410, 165, 445, 165, 445, 122, 480, 122)
	d.arrow(410, 55, 445, 55, 445, 98, 480, 98)
	d.box(loss, 640, 30, 125, 50, "loss of D:", "which is real?")
	d.box(loss, 640, 140, 125, 50, "loss of G:", "taken for real?")
	d.arrow(590, 98, 615, 98, 615, 55, 640, 55)
	d.arrow(590, 122, 615, 122, 615, 165, 640, 165)
	d.gradient(700, 30, 700, 14, 535, 14, 535, 80)
	d.text(632, 32, "end", "moves D alone")
	d.gradient(700, 190, 700, 230, 215, 230, 215, 190)
	d.text(457, 224, "middle", "moves G alone, by a gradient that comes through D")
	return d.svg()
}

// CycleGAN is two translations and the way back of each.
func CycleGAN() string {
	d := draw(780, 300, "CycleGAN: a picture of kind A is translated to B by one generator and back to A by the other, and must come back as it was; the same from B. A discriminator of each kind tells translated pictures from real ones.")
	for i, c := range [][6]string{{"a, of kind A", "G: A to B", "looks like B", "F: B to A", "a again", "D of B: real?"}, {"b, of kind B", "F: B to A", "looks like A", "G: A to B", "b again", "D of A: real?"}} {
		y := 45 + 150*i
		for k, x := range []int{20, 170, 320, 490, 650} {
			what := data
			if k%2 == 1 {
				what = net
			}
			d.box(what, x, y, 110, 40, c[k])
			if k > 0 {
				d.arrow([]int{0, 130, 280, 430, 600}[k], y+20, x, y+20)
			}
		}
		d.arrow(375, y+40, 375, y+62)
		d.box(net, 320, y+62, 110, 34, c[5])
		d.arrow(430, y+79, 480, y+79)
		d.text(488, y+84, "start", "adversarial loss")
		d.gradient(705, y, 705, y-22, 75, y-22, 75, y)
		d.text(390, y-27, "middle", "cycle loss: how far from where one set out")
	}
	return d.svg()
}

// StyleGAN3 is the generator: the mapping, waves, and as many layers as there are sizes, each given by the side of its square.
func StyleGAN3(z, w int, sides []int) string {
	n := len(sides)
	d := draw(max(180+n*70, 760), 300, fmt.Sprintf("StyleGAN3: the mapping network makes a style of the noise; waves of a fixed picture go through %d layers, each modulated by the style; a layer convolves, brings the picture to a higher rate, bends it, filters and brings it back.", n))
	d.box(data, 20, 20, 100, 40, fmt.Sprintf("noise z, %d", z))
	d.arrow(120, 40, 150, 40)
	d.box(net, 150, 20, 110, 40, "mapping")
	d.arrow(260, 40, 290, 40)
	d.box(latent, 290, 20, 100, 40, fmt.Sprintf("style w, %d", w))
	d.line(340, 60, 340, 80)
	d.line(165, 80, 165+(n-1)*70, 80)
	d.box(latent, 20, 105, 90, 44, "waves", "(Fourier)")
	for i, side := range sides {
		x := 140 + i*70
		d.arrow(x+25, 80, x+25, 105)
		d.box(net, x, 105, 50, 44, fmt.Sprintf("L%d", i), fmt.Sprintf("%d²", side))
		d.arrow(x-map[bool]int{true: 30, false: 20}[i == 0], 127, x, 127)
	}
	d.text(20, 195, "start", "one layer:")
	for i, c := range []struct {
		k    kind
		text [2]string
	}{{net, [2]string{"convolution,", "scaled by A(w)"}}, {rule, [2]string{"to a higher", "rate, filtered"}}, {rule, [2]string{"leaky ReLU,", "there"}}, {rule, [2]string{"filtered, to the", "layer's rate"}}} {
		d.box(c.k, 110+i*160, 205, 120, 50, c.text[0], c.text[1])
		d.arrow(80+i*160+map[bool]int{true: 0, false: -10}[i == 0], 230, 110+i*160, 230)
	}
	d.arrow(710, 230, 745, 230)
	d.text(430, 285, "middle", "what the ReLU makes above half of the layer's rate is taken away before it can fold back")
	return d.svg()
}
