package style

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// small is a painter with a small VGG of random weights.
func small(t *testing.T) *Painter {
	t.Helper()
	v, err := NewVGG(VGGConfig{Widths: Widths{4, 4, Pooling, 6, Pooling, 8}, Pool: "avg"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	run := nn.NewRunner(id, b)
	if err := nn.Create(run.Store.RootScope(), v, 1); err != nil {
		t.Fatal(err)
	}
	return &Painter{v, run}
}

func picture(seed uint64, height, width int) Picture {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := Picture{height, width, make([]float32, 3*height*width)}
	for i := range p.Pixels {
		p.Pixels[i] = rng.Float32()
	}
	return p
}

func quick() Gatys {
	o := DefaultGatys()
	o.ContentLayers, o.StyleLayers = []string{"relu2_1"}, []string{"relu1_1", "relu3_1"}
	o.Size, o.Coarsest, o.Steps = 16, 8, 6
	return o
}

// TestGatys holds that either optimiser lessens the loss at each size, and what is watched.
func TestGatys(t *testing.T) {
	p, content, styles := small(t), picture(1, 12, 16), []Style{{Picture: picture(2, 9, 16)}}
	for _, optimizer := range []string{LBFGS, Adam} {
		o := quick()
		o.Optimizer = optimizer
		var seen []Progress
		o.Watch = func(p Progress) error { seen = append(seen, p); return nil }
		made, err := p.Gatys(t.Context(), content, styles, o)
		if err != nil {
			t.Fatal(err)
		}
		if made.Height != 12 || made.Width != 16 || len(seen) != 12 || seen[5].Picture.Width != 8 || seen[6].Step != 1 {
			t.Fatalf("%s: %dx%d after %d steps, the sixth of width %d", optimizer, made.Width, made.Height, len(seen), seen[5].Picture.Width)
		}
		for _, at := range []int{0, 6} {
			if !(seen[at+5].Sum < seen[at].Sum) {
				t.Errorf("%s: the loss goes from %g to %g", optimizer, seen[at].Sum, seen[at+5].Sum)
			}
		}
		// The larger size begins with what the smaller one painted.
		alone := quick()
		alone.Optimizer, alone.Coarsest = optimizer, 16
		if m, err := p.Gatys(t.Context(), content, styles, alone); err != nil || slices.Equal(m.Pixels, made.Pixels) {
			t.Errorf("%s: the smaller size changes nothing: %v", optimizer, err)
		}
		again, err := p.Gatys(t.Context(), content, styles, o)
		if err != nil || !slices.Equal(again.Pixels, made.Pixels) {
			t.Errorf("%s: another picture the second time: %v", optimizer, err)
		}
	}
}

// TestBlend holds that a blend is a weighted mean: of a style with itself the style, and of two something between.
func TestBlend(t *testing.T) {
	p, content := small(t), picture(1, 8, 8)
	a, b := picture(2, 8, 8), picture(3, 8, 8)
	paint := func(styles ...Style) []float32 {
		o := quick()
		o.Size = 8
		made, err := p.Gatys(t.Context(), content, styles, o)
		if err != nil {
			t.Fatal(err)
		}
		return made.Pixels
	}
	one, twice := paint(Style{a, 0}), paint(Style{a, 2}, Style{a, 6})
	for i := range one {
		if d := one[i] - twice[i]; d > 1e-2 || d < -1e-2 {
			t.Fatalf("pixel %d is %g by a style and %g by the same twice", i, one[i], twice[i])
		}
	}
	if slices.Equal(paint(Style{a, 3}, Style{b, 1}), paint(Style{a, 1}, Style{b, 3})) {
		t.Error("the weights of a blend change nothing")
	}
	objective, err := quick().objective(p.vgg.config, 64)
	if err != nil {
		t.Fatal(err)
	}
	grams := func(styles ...Style) []float32 {
		out, err := p.blend(t.Context(), styles, objective, quick(), 8)
		if err != nil {
			t.Fatal(err)
		}
		return flat(t, out[1])
	}
	ga, gb, mixed := grams(Style{a, 1}), grams(Style{b, 1}), grams(Style{a, 3}, Style{b, 1})
	for i := range mixed {
		if want := (3*ga[i] + gb[i]) / 4; mixed[i]-want > 1e-4*(1+want) || want-mixed[i] > 1e-4*(1+want) {
			t.Fatalf("entry %d of the blend is %g, not %g", i, mixed[i], want)
		}
	}
}

// TestKeepColour holds that the colours stay the content's.
func TestKeepColour(t *testing.T) {
	made, of := picture(1, 2, 2), picture(2, 2, 2)
	for i := range made.Pixels { // away from the edges, where nothing is clipped
		made.Pixels[i], of.Pixels[i] = 0.45+0.1*made.Pixels[i], 0.45+0.1*of.Pixels[i]
	}
	got := made.colour(of)
	for i := 0; i < 12; i += 3 {
		if d := luma(got.Pixels[i:]) - luma(made.Pixels[i:]); d > 1e-6 || d < -1e-6 {
			t.Errorf("pixel %d is brighter by %g", i/3, d)
		}
		for c := range 2 {
			if d := (got.Pixels[i+c] - got.Pixels[i+c+1]) - (of.Pixels[i+c] - of.Pixels[i+c+1]); d > 1e-6 || d < -1e-6 {
				t.Errorf("pixel %d has another colour", i/3)
			}
		}
	}
}

func TestGatysRefuses(t *testing.T) {
	p, content, style := small(t), picture(1, 8, 8), []Style{{Picture: picture(2, 8, 8)}}
	for want, change := range map[string]func(*Gatys){
		"size is 0":                       func(o *Gatys) { o.Size = 0 },
		"steps is 0":                      func(o *Gatys) { o.Steps = 0 },
		`optimizer is "sgd"`:              func(o *Gatys) { o.Optimizer = "sgd" },
		`start is "white"`:                func(o *Gatys) { o.Start = "white" },
		`the layer is "relu9_1"`:          func(o *Gatys) { o.ContentLayers = []string{"relu9_1"} },
		"style_weights is [1]":            func(o *Gatys) { o.StyleWeights = []float64{1} },
		"a weight is -1":                  func(o *Gatys) { o.TVWeight = -1 },
		"there must be one layer at":      func(o *Gatys) { o.ContentLayers, o.StyleLayers = nil, nil },
		"at size 2 the content is 2x2":    func(o *Gatys) { o.Size = 2 },
		"at size 2 style 1 is 2x2: it mu": func(o *Gatys) { o.StyleSize = 2 },
	} {
		o := quick()
		if change(&o); o.Size == 16 {
			o.Size = 8
		}
		if _, err := p.Gatys(t.Context(), content, style, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := p.Gatys(t.Context(), content, nil, quick()); err == nil || !strings.Contains(err.Error(), "there is no style") {
		t.Errorf("no style: %v", err)
	}
	if _, err := p.Gatys(t.Context(), Picture{2, 2, nil}, style, quick()); err == nil || !strings.Contains(err.Error(), "the content is 2x2 with 0 values") {
		t.Errorf("no pixels: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := quick()
	o.Watch = func(Progress) error { cancel(); return nil }
	if _, err := p.Gatys(ctx, content, style, o); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends: %v", err)
	}
	full := errors.New("the disk is full")
	for _, optimizer := range []string{LBFGS, Adam} {
		o.Optimizer, o.Watch = optimizer, func(Progress) error { return full }
		if _, err := p.Gatys(t.Context(), content, style, o); !errors.Is(err, full) {
			t.Errorf("%s: an error of the watcher's: %v", optimizer, err)
		}
	}
}
