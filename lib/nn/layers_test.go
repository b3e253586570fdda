package nn_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// What print() says in PyTorch 2.13.
func TestLayerLines(t *testing.T) {
	two := []int{2}
	one := []int{1}
	for want, layer := range map[string]any{
		"Conv2d(3, 64, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)":                                                           nn.NewConv2d(3, 64, []int{4}, nn.ConvOptions{Stride: two, Padding: one, NoBias: true}),
		"Conv1d(4, 6, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), groups=2, bias=False)":                                         nn.NewConv1d(4, 6, []int{3}, nn.ConvOptions{Stride: two, Padding: one, Dilation: two, Groups: 2, NoBias: true}),
		"Conv2d(4, 8, kernel_size=(3, 1), stride=(1, 1), groups=2)":                                                                              nn.NewConv2d(4, 8, []int{3, 1}, nn.ConvOptions{Groups: 2}),
		"ConvTranspose1d(4, 6, kernel_size=(3,), stride=(1,))":                                                                                   nn.NewConvTranspose1d(4, 6, []int{3}, nn.ConvOptions{}),
		"ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), output_padding=(1, 1), groups=2, bias=False)": nn.NewConvTranspose2d(4, 6, []int{3}, nn.ConvOptions{Stride: two, Padding: one, Dilation: two, OutputPadding: one, Groups: 2, NoBias: true}),
		"BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)":                                              nn.NewBatchNorm1d(4),
		"BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)":                                              nn.NewBatchNorm2d(4),
		"GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)":                                                                                     nn.NewGroupNorm(2, 4),
		"InstanceNorm2d(4, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)":                                        nn.NewInstanceNorm2d(4),
		"LeakyReLU(negative_slope=0.2, inplace=True)":                                                                                            nn.LeakyReLU{Slope: 0.2, Inplace: true},
		"ReLU()":                                      nn.ReLU{},
		"ReLU(inplace=True)":                          nn.ReLU{Inplace: true},
		"GELU(approximate='none')":                    nn.GELU{},
		"GELU(approximate='tanh')":                    nn.GELU{Tanh: true},
		"SiLU()":                                      nn.SiLU{},
		"ELU(alpha=1.0)":                              nn.ELU{},
		"Dropout(p=0.0, inplace=False)":               &nn.Dropout{},
		"Upsample(size=(3, 4), mode='bicubic')":       nn.Upsample{InterpolateOptions: nn.InterpolateOptions{Size: []int{3, 4}, Mode: "bicubic"}},
		"Upsample(scale_factor=2.0, mode='linear')":   nn.Upsample{InterpolateOptions: nn.InterpolateOptions{Scale: []float64{2}, Mode: "linear"}},
		"Upsample(scale_factor=2.0, mode='nearest')":  nn.UpsampleBy(2),
		"Upsample(scale_factor=2.0, mode='bilinear')": nn.Upsample{InterpolateOptions: nn.InterpolateOptions{Scale: []float64{2}, Mode: "bilinear"}},
		"PixelShuffle(upscale_factor=2)":              nn.PixelShuffle{Factor: 2},
		"ReflectionPad2d((1, 2, 3, 4))":               nn.Padding{Mode: nn.PadReflect, Before: []int{3, 1}, After: []int{4, 2}},
		"ReplicationPad1d((2, 2))":                    nn.Padding{Mode: nn.PadReplicate, Before: two, After: two},
	} {
		if got := fmt.Sprint(layer); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// PyTorch draws a convolution's weights and biases from U(±1/√n), n being the values of one of weight's rows in its layout: 18 for
// Conv2d(4, 8, 3, groups=2), 36 for ConvTranspose2d(4, 8, 3, groups=2).
func TestConvInit(t *testing.T) {
	for n, l := range map[int]*nn.Conv{
		18: nn.NewConv2d(4, 8, []int{3}, nn.ConvOptions{Groups: 2}),
		36: nn.NewConvTranspose2d(4, 8, []int{3}, nn.ConvOptions{Groups: 2}),
	} {
		store := model.NewStore()
		if err := nn.Create(store.RootScope(), nn.Name(l), 1); err != nil {
			t.Fatal(err)
		}
		bound := 1 / math.Sqrt(float64(n))
		for name, p := range nn.Params(l) {
			v, err := p.Variable(store.RootScope())
			if err != nil {
				t.Fatal(err)
			}
			value, err := v.Value()
			if err != nil {
				t.Fatal(err)
			}
			flat := tensors.MustCopyFlatData[float32](value)
			largest := float64(max(slices.Max(flat), -slices.Min(flat)))
			if largest > bound || name == "weight" && largest < 0.95*bound {
				t.Errorf("%s.%s reaches %g, its bound is %g", l, name, largest, bound)
			}
		}
	}
}

// Misuse is told with what was given and what is allowed.
func TestLayerMisuse(t *testing.T) {
	b, err := backend.New("go")
	if err != nil {
		t.Fatal(err)
	}
	three := []int{3}
	for _, c := range []struct {
		layer module
		shape []int
		says  string
	}{
		{nn.NewConv2d(3, 4, three, nn.ConvOptions{}), []int{1, 5, 5, 4}, "takes [batch, 2 spatial axes, 3]"},
		{nn.NewConv2d(3, 4, three, nn.ConvOptions{}), []int{1, 2, 5, 3}, "reaches over 3 values of axis 1"},
		{nn.NewConv2d(3, 4, three, nn.ConvOptions{Stride: []int{0}}), []int{1, 5, 5, 3}, "stride [0] must be at least 1"},
		{nn.NewConv2d(3, 4, three, nn.ConvOptions{Padding: []int{1, 1, 1}}), []int{1, 5, 5, 3}, "one for each of 2 axes"},
		{nn.NewConvTranspose1d(3, 4, three, nn.ConvOptions{OutputPadding: []int{2}}), []int{1, 5, 3}, "less than its stride 1"},
		{nn.NewConvTranspose1d(3, 4, three, nn.ConvOptions{Padding: []int{2}}), []int{1, 1, 3}, "leaves nothing"},
		{nn.NewBatchNorm2d(3), []int{1, 1, 1, 3}, "more than one value"},
		{nn.NewBatchNorm2d(3), []int{4, 3}, "takes [batch, ..., 3]"},
		{nn.NewGroupNorm(1, 4), []int{2, 5}, "takes [batch, ..., 4]"},
		{nn.PixelShuffle{Factor: 2}, []int{1, 2, 2, 6}, "a multiple of 4"},
		{nn.Padding{Mode: nn.PadReflect, Before: three, After: three}, []int{1, 3, 2}, "takes 0 to 2 values"},
		{nn.Padding{Mode: "mirror", Before: three, After: three}, []int{1, 5, 2}, `pad mode "mirror"`},
	} {
		store := model.NewStore()
		root := []any{c.layer}
		if err := nn.Create(store.RootScope(), nn.Name(root), 1); err != nil {
			t.Fatal(err)
		}
		exec, err := model.NewExec(b, store, func(s *model.Scope, x *graph.Node) *graph.Node {
			s.Store().SetTraining(x.Graph(), true)
			return c.layer.Forward(s, x)
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = exec.Exec(tensors.FromShape(shapes.Make(dtypes.Float32, c.shape...)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v of %v: want an error that says %q, got %v", c.layer, c.shape, c.says, err)
		}
	}
}
