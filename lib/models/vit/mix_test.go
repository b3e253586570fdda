package vit

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// TestMix mixes a white picture of class 0 and a black one of class 2: the brightness left is the label's.
func TestMix(t *testing.T) {
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	run := nn.NewRunner("test", b)
	x := make([][][][]float32, 2)
	for i := range x {
		x[i] = make([][][]float32, 6)
		for r := range x[i] {
			x[i][r] = make([][]float32, 8)
			for c := range x[i][r] {
				x[i][r][c] = []float32{float32(1 - i)}
			}
		}
	}
	for name, alphas := range map[string][2]float64{"mixup": {0.8, 0}, "cutmix": {0, 1}, "both": {0.8, 1}} {
		faded, cut, sum := 0, 0, 0.0
		const rounds = 200
		for seed := range rounds {
			out, err := run.Call(t.Context(), name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
				nn.SeedGraph(s, in[0])
				mixed, labels := Mix(s, in[1], in[2], 3, alphas[0], alphas[1])
				return []*graph.Node{mixed, labels}
			}, []uint32{7, uint32(seed)}, x, []int32{0, 2})
			if err != nil {
				t.Fatal(err)
			}
			pixels, labels := tensors.MustCopyFlatData[float32](out[0]), out[1].Value().([][]float32)
			mean, grey := 0.0, false
			for _, p := range pixels[:48] {
				mean += float64(p) / 48
				grey = grey || p != 0 && p != 1
			}
			own := float64(labels[0][0])
			if math.Abs(mean-own) > 1e-5 || math.Abs(own+float64(labels[0][2])-1) > 1e-5 || math.Abs(own-float64(labels[1][2])) > 1e-5 || labels[0][1] != 0 {
				t.Fatalf("%s: %g of the picture is left, the labels are %v", name, mean, labels)
			}
			if grey {
				faded++
			} else {
				cut++
			}
			sum += own
		}
		switch {
		case name == "mixup" && (cut > 0 || math.Abs(sum/rounds-0.5) > 0.1):
			t.Errorf("%s: %d pictures are cut, %g is left", name, cut, sum/rounds)
		case name == "cutmix" && (faded > 0 || sum/rounds < 0.5 || sum/rounds > 0.8): // a box beyond the edge takes less
			t.Errorf("%s: %d pictures are faded, %g is left", name, faded, sum/rounds)
		case name == "both" && (faded < rounds/3 || cut < rounds/3):
			t.Errorf("%s: %d pictures are faded and %d cut", name, faded, cut)
		}
	}
}

// TestBeta compares mean and variance, 1/(4(2α+1)).
func TestBeta(t *testing.T) {
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, alpha := range []float64{0.2, 0.8, 1, 4} {
		run := nn.NewRunner("test", b)
		sum, squares := 0.0, 0.0
		const n = 500
		for i := range n {
			out, err := run.Call(t.Context(), "draw", func(_ *model.Scope, in []*graph.Node) []*graph.Node {
				return []*graph.Node{beta(alpha, in[0])}
			}, float32(i)/n)
			if err != nil {
				t.Fatal(err)
			}
			v := float64(tensors.ToScalar[float32](out[0]))
			sum, squares = sum+v, squares+(v-0.5)*(v-0.5)
		}
		if variance := squares / n; math.Abs(sum/n-0.5) > 0.01 || math.Abs(variance-1/(4*(2*alpha+1))) > 0.005 {
			t.Errorf("Beta(%g, %g) has mean %g and variance %g", alpha, alpha, sum/n, variance)
		}
	}
}
