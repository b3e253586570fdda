package dcgan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

// parityCase is one of PyTorch's, made by tests/parity/dcgan.py: the article's in tests/parity/cases, those of the options in testdata.
type parityCase struct {
	torchtest.Case
	config Config
	extra  TrainConfig
}

func readCase(t *testing.T, folder string) parityCase {
	t.Helper()
	c := parityCase{Case: torchtest.Read(t, folder), config: Default()}
	var lr struct{ LR float64 }
	for _, into := range []any{&c.config, &c.extra, &lr} {
		c.Configure(t, into)
	}
	c.extra.Model, c.extra.Rate = c.config, lr.LR
	return c
}

const cases = "../../../tests/parity/cases"

func TestForwardParity(t *testing.T) {
	for _, folder := range append(caseFolders("dcgan-generator"), caseFolders("dcgan-discriminator")...) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			c := readCase(t, folder)
			generator, err := NewGenerator(c.config)
			if err != nil {
				t.Fatal(err)
			}
			discriminator, err := NewDiscriminator(c.config)
			if err != nil {
				t.Fatal(err)
			}
			backendtest.Each(t, func(t *testing.T, b compute.Backend) {
				store := model.NewStore()
				in := c.Input(t, "input")
				root, forward := any(discriminator), discriminator.ForwardFile
				if strings.Contains(folder, "generator") {
					root, forward = generator, generator.ForwardFile
				}
				if err := torch.Load(store.RootScope(), root, c.Weights, false); err != nil {
					t.Fatal(err)
				}
				out, err := model.CallOnce(b, store, func(s *model.Scope, x *graph.Node) *graph.Node {
					s.Store().SetTraining(x.Graph(), c.Mode == "train")
					return forward(s, x)
				}, in)
				if err != nil {
					t.Fatal(err)
				}
				c.Check(t, "output", out)
			})
		})
	}
}

func TestStepsParity(t *testing.T) {
	for _, folder := range caseFolders("dcgan-steps") {
		t.Run(filepath.Base(folder), func(t *testing.T) { checkSteps(t, folder) })
	}
}

// caseFolders finds the cases whose names begin so, here and, to hold genlab against cases too large to keep, in $PARITY_CASES.
func caseFolders(prefix string) []string {
	var list []string
	for _, root := range []string{cases, "testdata", os.Getenv("PARITY_CASES")} {
		if root != "" {
			found, _ := filepath.Glob(root + "/" + prefix + "*") // the pattern is right
			list = append(list, found...)
		}
	}
	return list
}

// checkSteps runs a case's iterations and compares what they measure and the weights after the last.
func checkSteps(t *testing.T, folder string) {
	c := readCase(t, folder)
	generator, err := NewGenerator(c.config)
	if err != nil {
		t.Fatal(err)
	}
	discriminator, err := NewDiscriminator(c.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.extra.Validate(); err != nil {
		t.Fatal(err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		if backend.Name(b) != "go" && strings.HasPrefix(folder, "testdata") {
			t.Skip("XLA compiles each for seconds: one of them is enough")
		}
		store := model.NewStore()
		gs, ds := store.RootScope().At(GeneratorScope), store.RootScope().At(DiscriminatorScope)
		if err := torch.Load(gs, generator, under(c.Weights, GeneratorScope), false); err != nil {
			t.Fatal(err)
		}
		if err := torch.Load(ds, discriminator, under(c.Weights, DiscriminatorScope), false); err != nil {
			t.Fatal(err)
		}
		names := []string{"real", "noise"}
		if c.config.Classes > 0 {
			names = append(names, "labels")
		}
		if c.extra.Loss == nn.WGANGP {
			names = append(names, "mix")
		}
		exec, err := model.NewExec(b, store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			s.Store().SetTraining(in[0].Graph(), true)
			n := max(c.extra.DSteps, 1)
			rounds := make([]Round, n)
			for i := range rounds {
				cut := func(x *graph.Node) *graph.Node {
					batch := x.Shape().Dim(0) / n
					return graph.Slice(x, graph.AxisRange(i*batch, (i+1)*batch))
				}
				rounds[i] = RoundFromFile(cut(in[0]), cut(in[1]))
				for k, name := range names[2:] {
					if name == "labels" {
						rounds[i].Labels = cut(in[2+k])
					} else {
						rounds[i].Mix = cut(in[2+k])
					}
				}
			}
			return Iterate(s, generator, discriminator, c.extra, rounds).list()
		})
		if err != nil {
			t.Fatal(err)
		}
		steps := c.Input(t, "real").Shape().Dim(0)
		measured := map[string][]float32{}
		for i := range steps {
			var args []any
			for _, name := range names {
				args = append(args, nth(t, c.Inputs, name, i))
			}
			out, err := exec.Call(args...)
			if err != nil {
				t.Fatal(err)
			}
			for k, name := range metrics {
				measured[name] = append(measured[name], tensors.ToScalar[float32](out[k]))
			}
		}
		for name, values := range measured {
			c.Check(t, name, tensors.FromFlatDataAndDimensions(values, len(values)))
		}
		for scope, root := range map[string]any{GeneratorScope: generator, DiscriminatorScope: discriminator} {
			state, err := torch.Save(store.RootScope().At("%s", scope), root)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range state.Names() {
				got, _ := state.Get(name)
				c.CheckTensor(t, "param."+scope+"."+name, got)
			}
		}
	})
}

// under gives the tensors whose names begin with a prefix, without it.
func under(sd *torch.StateDict, prefix string) *torch.StateDict {
	part := &torch.StateDict{}
	for _, name := range sd.Names() {
		if rest, ok := strings.CutPrefix(name, prefix+"."); ok {
			t, _ := sd.Get(name)
			part.Set(rest, t)
		}
	}
	return part
}

// nth is slice i of an input along its first axis.
func nth(t *testing.T, sd *torch.StateDict, name string, i int) *tensors.Tensor {
	t.Helper()
	in, ok := sd.Get(name)
	if !ok {
		t.Fatalf("the case has no input %s", name)
	}
	size := len(in.Data) / in.Shape[0]
	value, err := torch.Tensor{DType: in.DType, Shape: in.Shape[1:], Data: in.Data[i*size : (i+1)*size]}.ToGoMLX()
	if err != nil {
		t.Fatal(err)
	}
	return value
}
