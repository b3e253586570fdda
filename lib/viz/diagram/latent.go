package diagram

import "fmt"

// VAE is a variational autoencoder with one hidden layer on either side.
func VAE(input, hidden, latentDim int) string {
	d := draw(800, 270, fmt.Sprintf("A VAE: the encoder makes of a picture of %d values a mean and a variance of %d numbers; a point is drawn from them with noise from outside; the decoder makes a picture of it. Two losses: how well the picture is rebuilt, and how far the distribution is from a standard normal one.", input, latentDim))
	d.box(data, 20, 95, 80, 50, "x", fmt.Sprint(input))
	d.arrow(100, 120, 130, 120)
	d.box(net, 130, 95, 80, 50, "ReLU", fmt.Sprint(hidden))
	d.arrow(210, 120, 230, 120, 230, 80, 250, 80)
	d.arrow(210, 120, 230, 120, 230, 160, 250, 160)
	d.box(net, 250, 58, 90, 44, "mean μ", fmt.Sprint(latentDim))
	d.box(net, 250, 138, 90, 44, "log σ²", fmt.Sprint(latentDim))
	d.arrow(340, 80, 420, 80, 420, 108)
	d.arrow(340, 160, 358, 160)
	d.node(370, 160, "×")
	d.arrow(382, 160, 420, 160, 420, 132)
	d.node(420, 120, "+")
	d.text(370, 205, "middle", "ε, noise")
	d.arrow(370, 192, 370, 172)
	d.arrow(432, 120, 460, 120)
	d.box(latent, 460, 95, 60, 50, "z", fmt.Sprint(latentDim))
	d.arrow(520, 120, 550, 120)
	d.box(net, 550, 95, 80, 50, "ReLU", fmt.Sprint(hidden))
	d.arrow(630, 120, 660, 120)
	d.box(net, 660, 95, 110, 50, "x̂: sigmoid", fmt.Sprint(input))
	d.gradient(295, 58, 295, 40)
	d.box(loss, 205, 8, 180, 32, "divergence from N(0, 1)")
	d.gradient(715, 145, 715, 218)
	d.gradient(60, 145, 60, 235, 640, 235)
	d.box(loss, 640, 218, 140, 34, "reconstruction")
	d.text(170, 85, "middle", "encoder")
	d.text(620, 85, "middle", "decoder")
	return d.svg()
}

// Anomaly is an autoencoder that watches sensors, by how many rows it looks at.
func Anomaly(rows, sensors, latentDim int) string {
	d := draw(800, 190, fmt.Sprintf("An autoencoder that watches: %d rows of %d sensors become %d numbers, and of these come a mean for each value and a variance for each sensor; how unlikely the rows are then is the score, and a score above a threshold is an alarm.", rows, sensors, latentDim))
	for i, c := range []struct {
		k    kind
		a, b string
	}{{data, fmt.Sprintf("%d rows of", rows), fmt.Sprintf("%d sensors", sensors)}, {net, "encoder", ""}, {latent, "z", fmt.Sprint(latentDim)}, {net, "decoder", ""}, {data, "mean of each", "value, and σ²"}, {loss, "score: −log p", "less its normal"}} {
		x, w := 14+i*132, 116
		lines := []string{c.a, c.b}
		if c.b == "" {
			lines = lines[:1]
		}
		d.box(c.k, x, 60, w, 50, lines...)
		if i > 0 {
			d.arrow(x-16, 85, x, 85)
		}
	}
	d.gradient(72, 60, 72, 30, 732, 30, 732, 60)
	d.text(400, 24, "middle", "what the sensors said, beside what was expected")
	d.arrow(732, 110, 732, 140)
	d.text(790, 160, "end", "alarm above a threshold")
	d.text(340, 160, "middle", "learned on normal rows alone")
	return d.svg()
}

// DALLE is both stages: side is that of the grid of codes, vocab their number, words the longest caption.
func DALLE(side, vocab, words int) string {
	d := draw(800, 330, fmt.Sprintf("DALL-E. First stage: a picture becomes a grid of %d by %[1]d codes out of %d, and a decoder makes a picture of them. Second stage: a transformer reads up to %d words and goes on with the codes, one after the other.", side, vocab, words))
	d.text(20, 26, "start", "first stage: the codes")
	d.box(data, 20, 60, 90, 50, "picture")
	d.arrow(110, 85, 145, 85)
	d.box(net, 145, 60, 100, 50, "encoder")
	d.arrow(245, 85, 285, 85)
	for i := range 16 {
		d.square(285+i%4*24, 37+i/4*24, 24, []string{"#e0f2e0", "#fff3d6", "#dbe9fb", "#fbe0e0"}[(i*7+i/4)%4])
	}
	d.text(333, 152, "middle", fmt.Sprintf("%d×%[1]d codes of %d", side, vocab))
	d.arrow(381, 85, 420, 85)
	d.box(net, 420, 60, 100, 50, "decoder")
	d.arrow(520, 85, 555, 85)
	d.box(data, 555, 60, 100, 50, "picture again")
	d.text(20, 192, "start", "second stage: words, then codes")
	for i, s := range []string{"begin", "a", "red", "circle", "pad", "17", "402", "17"} {
		k := data
		if i > 4 {
			k = latent
		}
		d.box(k, 20+i*72, 285, 62, 30, s)
		d.arrow(51+i*72, 285, 51+i*72, 262)
	}
	d.text(604, 305, "start", "…")
	d.box(net, 20, 220, 580, 42, "transformer: each place looks back, at all words and the codes before")
	d.arrow(600, 241, 640, 241)
	d.box(rule, 640, 220, 130, 42, "p(next code)")
	d.gradient(705, 262, 705, 300, 625, 300)
	d.text(712, 292, "start", "drawn")
	return d.svg()
}

// CLIP sets pictures and captions side by side, n of each.
func CLIP(n int) string {
	side := 30
	d := draw(700, 100+n*side, fmt.Sprintf("CLIP: two encoders give pictures and captions vectors of length one; of %d pictures and %[1]d captions all products are taken, and those of a picture with its own caption, on the diagonal, are to be the largest of their row and column.", n))
	top := 60
	d.box(data, 20, top, 90, 44, "pictures")
	d.arrow(110, top+22, 140, top+22)
	d.box(net, 140, top, 120, 44, "picture encoder")
	d.arrow(260, top+22, 300, top+22)
	d.text(268, top+56, "start", "vectors of")
	d.text(268, top+72, "start", "length 1")
	d.box(data, 20, top+80, 90, 44, "captions")
	d.arrow(110, top+102, 140, top+102)
	d.box(net, 140, top+80, 120, 44, "text encoder")
	d.arrow(260, top+102, 300, top+102)
	d.text(380+n*side/2, 24, "middle", "captions")
	for i := range n * n {
		fill := "#eef1f4"
		if i%n == i/n {
			fill = "#9cc3f0"
		}
		d.square(380+i%n*side, 36+i/n*side, side, fill)
	}
	d.text(372, 36+n*side/2, "end", "pictures")
	d.text(380+n*side+12, 50, "start", "own caption: high")
	d.text(380+n*side+12, 36+n*side-8, "start", "another's: low")
	return d.svg()
}

// Gatys is painting by optimisation: the picture alone is changed.
func Gatys() string {
	d := draw(780, 220, "Painting by optimisation: the picture, the content and the style go through the same trained network; the picture's values are compared with the content's, its Gram matrices with the style's; both losses change the picture and nothing else.")
	for i, name := range []string{"content", "picture", "style"} {
		y := 20 + 65*i
		k := data
		if name == "picture" {
			k = latent
		}
		d.box(k, 30, y, 90, 40, name)
		d.arrow(120, y+20, 180, y+20)
		d.arrow(330, y+20, 420, y+20)
	}
	d.box(net, 180, 15, 150, 180, "VGG, trained", "and kept as it is")
	d.box(rule, 420, 20, 130, 40, "values of a layer")
	d.box(rule, 420, 85, 130, 40, "values; Gram")
	d.box(rule, 420, 150, 130, 40, "Gram matrices")
	d.arrow(550, 40, 620, 40)
	d.arrow(550, 98, 585, 98, 585, 48, 620, 48)
	d.arrow(550, 112, 585, 112, 585, 162, 620, 162)
	d.arrow(550, 170, 620, 170)
	d.box(loss, 620, 20, 120, 40, "content loss")
	d.box(loss, 620, 150, 120, 40, "style loss")
	d.gradient(740, 40, 760, 40, 760, 207, 14, 207, 14, 105, 30, 105)
	d.line(740, 170, 760, 170)
	return d.svg()
}
