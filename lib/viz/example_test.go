package viz_test

import (
	"fmt"
	"image"

	"genlab/lib/viz"
)

// digits stands for images that a model made: n of them, 28x28, flat.
func digits(n int) viz.Images {
	im := viz.Images{}
	for i := range n {
		p := make([]float32, 28*28)
		for j := range p {
			p[j] = float32((i+1)*j%784) / 784
		}
		im.Pixels = append(im.Pixels, p)
	}
	return im
}

func report(img image.Image) { fmt.Println(img.Bounds().Size(), viz.Err(img)) }

func ExampleGrid() {
	report(viz.Grid(digits(16), 8))
	// Output: (724,196) <nil>
}

func ExampleCompare() {
	report(viz.Compare([]viz.Row{
		{Name: "original", Images: digits(10)},
		{Name: "reconstruction", Images: digits(10)},
	}, 10))
	// Output: (712,140) <nil>
}

func ExampleStrip() {
	report(viz.Strip([]viz.Row{
		{Name: "linear", Images: digits(9)},
		{Name: "spherical", Images: digits(9)},
	}))
	// Output: (590,140) <nil>
}

func ExampleManifold() {
	xs, ys := []float64{-1, 0, 1}, []float64{1, 0, -1} // image 3*i+j is decoded from (xs[j], ys[i])
	report(viz.Manifold(digits(9), xs, ys))
	// Output: (488,466) <nil>
}

func ExampleCurves() {
	report(viz.Curves([]viz.Curve{
		{Name: "lr 1e-3", Y: []float64{190, 140, 120, 112}},
		{Name: "lr 1e-4", Y: []float64{230, 205, 188, 171}},
	}, viz.PlotConfig{Title: "Loss", X: "epoch", Y: "nats an image", LogY: true}))
	// Output: (800,440) <nil>
}

func ExampleScatter() {
	latent := [][]float32{{0, 1}, {0.5, -1}, {2, 0}}
	labels := []byte{0, 1, 1}
	report(viz.Scatter(latent, viz.ClassesOf(labels, "zero", "one"), viz.PlotConfig{X: "z₁", Y: "z₂"}))
	// Output: (800,640) <nil>
}

func ExampleHeatmap() {
	words := []string{"der", "Hund", "schläft"}
	report(viz.Heatmap([][]float32{{1, 0, 0}, {0.5, 0.5, 0}, {0.2, 0.3, 0.5}}, words, words, viz.PlotConfig{X: "key", Y: "query"}))
	// Output: (309,213) <nil>
}

func ExampleErr() {
	fmt.Println(viz.Err(viz.Grid(viz.Images{Pixels: [][]float32{{0, 1, 0}, {1}}, Height: 1, Width: 3}, 8)))
	// Output: viz: image 1 has 1 values: there must be 3 (1 high, 3 wide, 1 channels)
}
