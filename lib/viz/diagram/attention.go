package diagram

import "fmt"

// Head is one head of attention, by the width of its queries.
func Head(width int) string {
	d := draw(760, 220, "One head of attention: queries, keys and values are linear in the input; the scores of queries and keys are scaled, masked and turned to weights by softmax; the weights mix the values.")
	d.box(data, 20, 85, 80, 50, "tokens x")
	for i, name := range []string{"queries Q", "keys K", "values V"} {
		y := 20 + 70*i
		d.arrow(100, 110, 120, 110, 120, y+20, 140, y+20)
		d.box(net, 140, y, 100, 40, name)
	}
	d.arrow(240, 40, 275, 40, 275, 66, 300, 66)
	d.arrow(240, 110, 275, 110, 275, 84, 300, 84)
	d.box(rule, 300, 50, 70, 50, "Q Kᵀ")
	d.arrow(370, 75, 395, 75)
	d.box(rule, 395, 50, 80, 50, fmt.Sprintf("÷ √%d", width))
	d.arrow(475, 75, 500, 75)
	d.box(rule, 500, 50, 80, 50, "mask,", "softmax")
	d.arrow(580, 75, 640, 75, 640, 108)
	d.text(632, 66, "middle", "weights")
	d.node(640, 120, "×")
	d.line(240, 180, 640, 180)
	d.arrow(640, 180, 640, 132)
	d.arrow(652, 120, 745, 120)
	d.text(700, 144, "middle", "what was found")
	return d.svg()
}

// Heads is many of them side by side.
func Heads(heads, embed int) string {
	d := draw(700, 60+50*heads, fmt.Sprintf("%d heads side by side, each on its own %d of %d numbers; what they find is put together and mixed by one linear layer.", heads, embed/heads, embed))
	middle := 30 + 25*heads
	d.box(data, 20, middle-25, 110, 50, fmt.Sprintf("tokens, %d", embed))
	for i := range heads {
		y := 20 + 50*i
		d.arrow(130, middle, 155, middle, 155, y+20, 180, y+20)
		d.box(net, 180, y, 170, 38, fmt.Sprintf("head %d: Q, K, V of %d", i+1, embed/heads))
		d.arrow(350, y+20, 375, y+20, 375, middle, 400, middle)
	}
	d.box(rule, 400, middle-25, 80, 50, "Concat")
	d.arrow(480, middle, 510, middle)
	d.box(net, 510, middle-25, 70, 50, "W^O")
	d.arrow(580, middle, 610, middle)
	d.box(data, 610, middle-25, 75, 50, "tokens,", fmt.Sprint(embed))
	return d.svg()
}

// tower draws parts from below upwards and gives the upper end. A part that begins with + is a sum with what went into the part below, round it.
func (d *drawing) tower(x, bottom, w int, parts ...string) int {
	y := bottom
	before := bottom
	for _, part := range parts {
		d.arrow(x+w/2, y, x+w/2, y-16)
		y -= 16
		if part == "+" {
			d.node(x+w/2, y-12, "+")
			d.arrow(x+w/2, before-5, x-16, before-5, x-16, y-12, x+w/2-12, y-12)
			y -= 24
			before = y
			continue
		}
		k := net
		if part == "norm" || part == "softmax" {
			k = rule
		}
		d.box(k, x, y-30, w, 30, part)
		y -= 30
	}
	return y
}

// EncoderDecoder is the whole Transformer, with so many layers on either side.
func EncoderDecoder(layers int) string {
	d := draw(700, 570, fmt.Sprintf("The Transformer: an encoder of %d layers reads the source; a decoder of %[1]d layers reads what is written so far, looks only back, and at the encoder's output by cross-attention; a linear layer and softmax give the next token. Each part is added to what went into it, then normed.", layers))
	d.box(data, 60, 520, 180, 36, "source tokens")
	d.box(data, 400, 520, 180, 36, "written so far")
	d.box(net, 60, 465, 180, 30, "embedding + position")
	d.box(net, 400, 465, 180, 30, "embedding + position")
	d.arrow(150, 520, 150, 495)
	d.arrow(490, 520, 490, 495)
	e := d.tower(60, 450, 180, "self-attention", "+", "norm", "feed-forward", "+", "norm")
	d.line(150, 465, 150, 450)
	d.frame(28, e-26, 236, 450-e+32, fmt.Sprintf("encoder, %d layers", layers))
	y := d.tower(400, 450, 180, "self-attention, looking back", "+", "norm")
	d.line(490, 465, 490, 450)
	z := d.tower(400, y, 180, "cross-attention", "+", "norm")
	d.line(150, e, 150, e-32)
	d.arrow(150, e-32, 330, e-32, 330, y-31, 400, y-31)
	d.text(326, y-70, "end", "keys,")
	d.text(326, y-54, "end", "values")
	t := d.tower(400, z, 180, "feed-forward", "+", "norm")
	d.frame(368, t-26, 236, 450-t+32, fmt.Sprintf("decoder, %d layers", layers))
	d.arrow(580, t-8, 622, t-8)
	d.line(490, t, 490, t-8)
	d.line(490, t-8, 580, t-8)
	d.box(net, 622, t-24, 70, 32, "linear")
	d.arrow(657, t+8, 657, t+34)
	d.box(rule, 622, t+34, 70, 30, "softmax")
	d.arrow(657, t+64, 657, t+92)
	d.text(657, t+108, "middle", "next token")
	return d.svg()
}

// GPT is a decoder alone: layers that look back, norms before each part.
func GPT(layers, heads, embed, context, vocab int) string {
	d := draw(560, 420, fmt.Sprintf("GPT: %d tokens at most are embedded with their positions; %d layers of attention, which looks back, and feed-forward, each after a norm and added to what went in; a last norm and a linear layer give the next token of each place.", context, layers))
	d.box(data, 60, 370, 200, 34, fmt.Sprintf("%d tokens at most", context))
	d.arrow(160, 370, 160, 350)
	d.box(net, 60, 318, 200, 32, fmt.Sprintf("embedding + position, %d", embed))
	t := d.tower(60, 302, 200, "norm", fmt.Sprintf("attention, %d heads, back", heads), "+", "norm", "feed-forward", "+")
	d.line(160, 318, 160, 302)
	d.frame(28, t-26, 256, 302-t+32, fmt.Sprintf("%d layers", layers))
	d.line(160, t, 160, t-10)
	d.arrow(160, t-10, 360, t-10)
	d.box(rule, 360, t-26, 130, 32, "norm")
	d.arrow(425, t+6, 425, t+32)
	d.box(net, 360, t+32, 130, 32, fmt.Sprintf("linear to %d", vocab))
	d.arrow(425, t+64, 425, t+90)
	d.box(rule, 360, t+90, 130, 32, "softmax")
	d.arrow(425, t+122, 425, t+148)
	d.box(data, 350, t+148, 150, 44, "p(next | so far),", "at every place")
	return d.svg()
}

// BERT reads both ways and tells hidden pieces.
func BERT(layers, heads, embed int) string {
	d := draw(760, 300, fmt.Sprintf("BERT: pieces of a text, one of them hidden, are embedded with their places and read by %d layers in which each piece looks at all, before and after it; at the hidden place a distribution over pieces is read off.", layers))
	for i, token := range []string{"[CLS]", "the", "rays", "of", "[MASK]", "are", "[SEP]"} {
		x := 20 + i*104
		k := data
		if token == "[MASK]" {
			k = loss
		}
		d.box(k, x, 250, 90, 34, token)
		d.arrow(x+45, 250, x+45, 226)
		d.box(net, x, 190, 90, 36, "+ place")
		d.arrow(x+45, 190, x+45, 160)
		d.arrow(x+45, 90, x+45, 64)
		if token == "[MASK]" {
			d.box(loss, x, 30, 90, 34, "light 0.31")
		} else {
			d.box(latent, x, 30, 90, 34, "vector")
		}
	}
	d.box(net, 20, 90, 714, 70, fmt.Sprintf("%d layers: self-attention of %d heads over all pieces, both ways; feed-forward; width %d", layers, heads, embed))
	return d.svg()
}

// ViT cuts a picture into patches and reads them as tokens.
func ViT(image, patch, layers, embed, classes int) string {
	n := image / patch
	d := draw(780, 270, fmt.Sprintf("ViT: a picture of %d by %[1]d pixels is cut into %d patches of %d by %[3]d; each becomes a token by one linear layer, a position is added, a class token stands first; %d encoder layers; the classes are read from the class token.", image, n*n, patch, layers))
	side := 112 / n
	for i := range n * n {
		d.square(20+i%n*(side+3), 30+i/n*(side+3), side, "#dbe9fb")
	}
	d.text(20, 175, "start", fmt.Sprintf("%d patches", n*n))
	d.arrow(150, 90, 185, 90)
	d.box(net, 185, 65, 90, 50, "linear", fmt.Sprintf("%d → %d", patch*patch, embed))
	d.arrow(275, 90, 305, 90)
	d.box(latent, 305, 20, 80, 30, "[class]")
	for i := range 3 {
		d.box(latent, 305, 60+40*i, 80, 30, []string{"patch 1", "…", fmt.Sprintf("patch %d", n*n)}[i])
	}
	d.text(345, 195, "middle", "+ positions")
	d.arrow(385, 105, 420, 105)
	d.box(net, 420, 20, 160, 150, fmt.Sprintf("%d layers:", layers), "norm, attention, +", "norm, feed-forward, +")
	d.arrow(580, 35, 615, 35)
	d.box(latent, 615, 20, 60, 30, "[class]")
	d.arrow(645, 50, 645, 80)
	d.box(net, 600, 80, 90, 34, "norm, linear")
	d.arrow(645, 114, 645, 144)
	d.box(data, 600, 144, 90, 34, fmt.Sprintf("%d classes", classes))
	d.text(390, 240, "middle", "no layer knows which patches lie side by side: the positions must tell")
	return d.svg()
}
