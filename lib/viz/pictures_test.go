package viz

import (
	"image"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// discs makes n grey images of side x side, each a soft disc of its own place and size.
func discs(n, side int) Images {
	im := Images{}
	for i := range n {
		p := make([]float32, side*side)
		cx, cy := float64(side)*(0.3+0.4*float64(i%5)/4), float64(side)*(0.3+0.4*float64(i%3)/2)
		r := float64(side) * (0.12 + 0.02*float64(i%7))
		for j := range p {
			d := math.Hypot(float64(j%side)-cx, float64(j/side)-cy)
			p[j] = float32(1 / (1 + math.Exp(d-r)))
		}
		im.Pixels = append(im.Pixels, p)
	}
	return im
}

func noisy(im Images) Images {
	r := rand.New(rand.NewPCG(1, 2))
	out := Images{}
	for _, p := range im.Pixels {
		q := make([]float32, len(p))
		for i := range p {
			q[i] = p[i]*0.7 + 0.3*float32(r.Float64())
		}
		out.Pixels = append(out.Pixels, q)
	}
	return out
}

func colours(n, side int) Images {
	im := Images{Channels: 3}
	for i := range n {
		p := make([]float32, 0, side*side*3)
		for j := range side * side {
			p = append(p, float32(j%side)/float32(side-1), float32(j/side)/float32(side-1), float32(i)/float32(n-1))
		}
		im.Pixels = append(im.Pixels, p)
	}
	return im
}

func losses(n int, from, to float64) (y []float64) {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		y = append(y, to+(from-to)*math.Exp(-float64(i)/float64(n)*6)*(1+0.05*r.NormFloat64()))
	}
	return y
}

func clusters(n, k int) (points [][]float32, labels []byte) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		c := i % k
		a := 2 * math.Pi * float64(c) / float64(k)
		points = append(points, []float32{float32(2*math.Cos(a) + 0.4*r.NormFloat64()), float32(2*math.Sin(a) + 0.4*r.NormFloat64())})
		labels = append(labels, byte(c))
	}
	return points, labels
}

// attention is a causal softmax over made-up scores; what is masked is NaN.
func attention(n int) (a [][]float32) {
	for i := range n {
		row, sum := make([]float32, n), float32(0)
		for j := range i + 1 {
			row[j] = float32(math.Exp(2 * math.Sin(float64(i*j+j))))
			sum += row[j]
		}
		for j := range row {
			if row[j] /= sum; j > i {
				row[j] = float32(math.NaN())
			}
		}
		a = append(a, row)
	}
	return a
}

func TestGolden(t *testing.T) {
	points, labels := clusters(600, 10)
	for name, draw := range map[string]func() image.Image{
		"grid":     func() image.Image { return Grid(discs(20, 28), 8) },
		"grid_rgb": func() image.Image { return Grid(colours(3, 16), 4) },
		"compare": func() image.Image {
			return Compare([]Row{{"original", discs(14, 28)}, {"reconstruction", noisy(discs(14, 28))}}, 10)
		},
		"strip": func() image.Image {
			return Strip([]Row{{"linear", discs(10, 28)}, {"по сфере", noisy(discs(10, 28))}})
		},
		"manifold": func() image.Image {
			return Manifold(discs(48, 14), []float64{-3, -2, -1, -0.5, 0.5, 1, 2, 3}, []float64{2.5, 1.5, 0.5, -0.5, -1.5, -2.5})
		},
		"curves": func() image.Image {
			return Curves([]Curve{{"train", nil, losses(400, 540, 105)}, {"validation", []float64{100, 200, 300, 400}, []float64{210, 140, 116, 110}}}, PlotConfig{Title: "Negative ELBO", X: "step", Y: "nats an image"})
		},
		"curves_log": func() image.Image {
			return Curves([]Curve{{"lr 1e-3", nil, losses(300, 540, 0.1)}, {"lr 1e-4", nil, append(losses(200, 540, 20), math.NaN(), 18, math.Inf(1))}}, PlotConfig{X: "шаг", Y: "loss", LogY: true})
		},
		"scatter": func() image.Image {
			return Scatter(points, ClassesOf(labels), PlotConfig{Title: "Latent means", X: "z₁", Y: "z₂"})
		},
		"heatmap": func() image.Image {
			words := strings.Fields("Кошка сидит на окне и смотрит")
			return Heatmap(attention(6), words, words, PlotConfig{Title: "Attention, head 3", X: "key", Y: "query"})
		},
		"heatmap_plain": func() image.Image { return Heatmap(attention(40), nil, nil, PlotConfig{}) },
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, draw()) })
	}
}

func TestStack(t *testing.T) {
	a, b := Grid(discs(1, 8), 1), Grid(discs(3, 8), 3)
	got := Stack(a, b).Bounds().Size()
	if want := image.Pt(max(a.Bounds().Dx(), b.Bounds().Dx()), a.Bounds().Dy()+b.Bounds().Dy()); got != want {
		t.Errorf("size %v, want %v", got, want)
	}
	if Err(Stack()) == nil || Err(Stack(a, Grid(Images{}, 1))) == nil {
		t.Error("a stack of nothing, or of an error, is an error")
	}
}
