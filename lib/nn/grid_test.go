package nn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
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
)

// gridCase is a layer of testdata/grid.safetensors.
type gridCase struct {
	Layer   string
	Train   bool
	Options gridOptions

	index  int
	module module
}

type module interface {
	Forward(s *model.Scope, x *graph.Node) *graph.Node
}

// gridOptions are PyTorch's, of all the layers together.
type gridOptions struct {
	In            int     `json:"in_channels"`
	Out           int     `json:"out_channels"`
	Kernel        ints    `json:"kernel_size"`
	Stride        ints    `json:"stride"`
	Padding       ints    `json:"padding"`
	OutputPadding ints    `json:"output_padding"`
	Dilation      ints    `json:"dilation"`
	Groups        int     `json:"groups"`
	Bias          *bool   `json:"bias"`
	Features      int     `json:"num_features"`
	NormGroups    int     `json:"num_groups"`
	NormChannels  int     `json:"num_channels"`
	NormShape     int     `json:"normalized_shape"`
	InFeatures    int     `json:"in_features"`
	OutFeatures   int     `json:"out_features"`
	Num           int     `json:"num_embeddings"`
	Dim           int     `json:"embedding_dim"`
	Slope         float64 `json:"negative_slope"`
	Approximate   string  `json:"approximate"`
	Scale         int     `json:"scale_factor"`
	Upscale       int     `json:"upscale_factor"`
	Mode          string  `json:"mode"`
}

// ints is a number or a list of numbers.
type ints []int

func (v *ints) UnmarshalJSON(data []byte) error {
	if data[0] != '[' {
		data = []byte(fmt.Sprintf("[%s]", data))
	}
	return json.Unmarshal(data, (*[]int)(v))
}

func (c gridCase) build() (module, error) {
	o := c.Options
	bias := o.Bias == nil || *o.Bias
	conv := nn.ConvOptions{Stride: o.Stride, Padding: o.Padding, OutputPadding: o.OutputPadding, Dilation: o.Dilation, Groups: o.Groups, NoBias: !bias}
	switch c.Layer {
	case "Conv1d":
		return nn.NewConv1d(o.In, o.Out, o.Kernel, conv), nil
	case "Conv2d":
		return nn.NewConv2d(o.In, o.Out, o.Kernel, conv), nil
	case "ConvTranspose1d":
		return nn.NewConvTranspose1d(o.In, o.Out, o.Kernel, conv), nil
	case "ConvTranspose2d":
		return nn.NewConvTranspose2d(o.In, o.Out, o.Kernel, conv), nil
	case "BatchNorm1d":
		return nn.NewBatchNorm1d(o.Features), nil
	case "BatchNorm2d":
		return nn.NewBatchNorm2d(o.Features), nil
	case "InstanceNorm1d":
		return nn.NewInstanceNorm1d(o.Features), nil
	case "InstanceNorm2d":
		return nn.NewInstanceNorm2d(o.Features), nil
	case "GroupNorm":
		return nn.NewGroupNorm(o.NormGroups, o.NormChannels), nil
	case "LayerNorm":
		return nn.NewLayerNorm(o.NormShape, true), nil
	case "Linear":
		return nn.NewLinear(o.InFeatures, o.OutFeatures, bias), nil
	case "Embedding":
		return nn.NewEmbedding(o.Num, o.Dim), nil
	case "ReLU":
		return nn.ReLU{}, nil
	case "LeakyReLU":
		return nn.LeakyReLU{Slope: o.Slope}, nil
	case "Tanh":
		return nn.Tanh{}, nil
	case "Sigmoid":
		return nn.Sigmoid{}, nil
	case "SiLU":
		return nn.SiLU{}, nil
	case "ELU":
		return nn.ELU{}, nil
	case "GELU":
		return nn.GELU{Tanh: o.Approximate == "tanh"}, nil
	case "Upsample":
		return nn.Upsample{InterpolateOptions: nn.InterpolateOptions{Scale: []float64{float64(o.Scale)}, Mode: o.Mode}}, nil
	case "PixelShuffle":
		return nn.PixelShuffle{Factor: o.Upscale}, nil
	case "Pad1d", "Pad2d":
		p := nn.Padding{Mode: map[string]nn.PadMode{"Zero": nn.PadZero, "Reflection": nn.PadReflect, "Replication": nn.PadReplicate}[o.Mode]}
		for i := len(o.Padding) - 2; i >= 0; i -= 2 {
			p.Before, p.After = append(p.Before, o.Padding[i]), append(p.After, o.Padding[i+1])
		}
		return p, nil
	default:
		return nil, fmt.Errorf("the grid has a layer %q that this test doesn't know", c.Layer)
	}
}

// channelsLast says whether the file's second axis is the channels.
func (c gridCase) channelsLast() bool {
	return !slices.Contains([]string{"LayerNorm", "Linear", "Embedding"}, c.Layer)
}

// toLast moves axis 1 to the end, toFirst undoes it.
func toLast(x *graph.Node) *graph.Node {
	order := []int{0}
	for i := 2; i < x.Rank(); i++ {
		order = append(order, i)
	}
	return graph.TransposeAllAxes(x, append(order, 1)...)
}

func toFirst(x *graph.Node) *graph.Node {
	order := []int{0, x.Rank() - 1}
	for i := 1; i < x.Rank()-1; i++ {
		order = append(order, i)
	}
	return graph.TransposeAllAxes(x, order...)
}

// inFile puts a parameter, or its gradient, as the file has it.
func inFile(p *nn.Param, x *graph.Node) *graph.Node {
	if p.Perm == nil {
		return x
	}
	return graph.TransposeAllAxes(x, p.Perm...)
}

func fromFile(p *nn.Param, x *graph.Node) *graph.Node {
	if p.Perm == nil {
		return x
	}
	order := make([]int, len(p.Perm))
	for i, axis := range p.Perm {
		order[axis] = i
	}
	return graph.TransposeAllAxes(x, order...)
}

// grid is the outputs of some cases, each under the name that the file has for it.
type grid struct {
	cases   []gridCase
	inputs  []string
	outputs []string
}

func (gr *grid) graph(s *model.Scope, in []*graph.Node) []*graph.Node {
	given := map[string]*graph.Node{}
	for i, name := range gr.inputs {
		given[name] = in[i]
	}
	gr.outputs = nil
	var out []*graph.Node
	put := func(index int, name string, x *graph.Node) {
		gr.outputs, out = append(gr.outputs, fmt.Sprintf("%d.%s", index, name)), append(out, x)
	}
	s.Store().SetTraining(in[0].Graph(), gr.cases[0].Train)
	for _, c := range gr.cases {
		x := given[fmt.Sprintf("%d.x", c.index)]
		var names []string
		var wrt []*graph.Node
		if x.DType().IsFloat() {
			names, wrt = append(names, "x"), append(wrt, x)
		}
		params := map[string]*nn.Param{}
		for name, p := range nn.Params(c.module) {
			value := given[fmt.Sprintf("%d.state.%s", c.index, name)]
			p.Set(s, fromFile(p, value))
			params[name] = p
			if !p.Buffer {
				names, wrt = append(names, name), append(wrt, value)
			}
		}
		input := x
		if c.channelsLast() && x.Rank() > 2 {
			input = toLast(x)
		}
		y := c.module.Forward(s, input)
		if c.channelsLast() && x.Rank() > 2 {
			y = toFirst(y)
		}
		put(c.index, "y", y)
		loss := graph.ReduceAllSum(graph.Mul(given[fmt.Sprintf("%d.v", c.index)], graph.Tanh(y)))
		grads := graph.Gradient(loss, wrt...)
		for i, g := range grads {
			put(c.index, "grad."+names[i], g)
		}
		if names[0] == "x" {
			for i, g := range graph.Gradient(graph.ReduceAllSum(graph.Square(grads[0])), wrt...) {
				put(c.index, "second."+names[i], g)
			}
		}
		for name, p := range params {
			if p.Buffer {
				put(c.index, "after."+name, inFile(p, p.Node(s, x.Graph())))
			}
		}
	}
	return out
}

func TestMain(m *testing.M) { backendtest.Main(m) }

// TestGrid compares every layer with PyTorch: output, gradients, second derivatives, running statistics.
func TestGrid(t *testing.T) {
	file, cases := readGrid(t)
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		runGrid(t, b, file, cases)
	})
}

// readGrid reads the cases, those in eval mode first.
func readGrid(t *testing.T) (*torch.StateDict, []gridCase) {
	t.Helper()
	file, err := torch.Read("testdata/grid.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	var cases []gridCase
	if err := json.Unmarshal([]byte(file.Metadata["cases"]), &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		cases[i].index = i
	}
	slices.SortStableFunc(cases, func(a, b gridCase) int {
		if a.Train == b.Train {
			return 0
		}
		if a.Train {
			return 1
		}
		return -1
	})
	return file, cases
}

// TestGridForms compares each form of the convolution with the same grid.
func TestGridForms(t *testing.T) {
	file, cases := readGrid(t)
	cases = slices.DeleteFunc(cases, func(c gridCase) bool { return !strings.HasPrefix(c.Layer, "Conv") })
	b, err := backend.New("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range nn.FormNames() {
		t.Run(name, func(t *testing.T) {
			nn.ForceForm(name)
			defer nn.ForceForm("")
			runGrid(t, b, file, cases)
		})
	}
}

// runGrid runs the cases in graphs of some each: one for a case would take XLA longer to compile.
func runGrid(t *testing.T, b compute.Backend, file *torch.StateDict, cases []gridCase) {
	t.Helper()
	worst, where, values := 0.0, "", 0
	const atOnce = 24
	mine := slices.Clone(cases)
	if backend.Name(b) != "go" && os.Getenv("GENLAB_FULL") == "" {
		// XLA compiles for a minute; with GENLAB_FULL=1 it takes all.
		mine = slices.DeleteFunc(mine, func(c gridCase) bool { return c.index%24 != 0 })
	}
	for rest := mine; len(rest) > 0; {
		n := 1
		for n < min(atOnce, len(rest)) && rest[n].Train == rest[0].Train {
			n++
		}
		gr := &grid{cases: rest[:n]}
		rest = rest[n:]
		store := model.NewStore()
		modules := make([]module, n)
		var args []any
		give := func(name string, value any) { gr.inputs, args = append(gr.inputs, name), append(args, value) }
		for i := range gr.cases {
			c := &gr.cases[i]
			var err error
			if c.module, err = c.build(); err != nil {
				t.Fatal(err)
			}
			modules[i] = c.module
			prefix := fmt.Sprintf("%d.", c.index)
			for _, name := range file.Names() {
				if rest, ok := strings.CutPrefix(name, prefix); ok && (rest == "x" || strings.HasPrefix(rest, "state.")) {
					give(name, gomlx(t, file, name))
				}
			}
			y, _ := file.Get(prefix + "y")
			v := make([]float32, len(y.Data)/4)
			for j := range v {
				v[j] = float32(math.Sin(float64(j + 1)))
			}
			give(prefix+"v", tensors.FromFlatDataAndDimensions(v, y.Shape...))
		}
		if err := nn.Create(store.RootScope(), nn.Name(modules), 1); err != nil {
			t.Fatal(err)
		}
		exec, err := model.NewExec(b, store, gr.graph)
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Exec(args...)
		if err != nil {
			t.Fatal(err)
		}
		exec.Finalize()
		for i, name := range gr.outputs {
			want, ok := file.Get(name)
			got, err := torch.FromGoMLX(out[i])
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				if !zero(got.Data) { // PyTorch says None
					t.Errorf("%s: got a value, PyTorch has none", name)
				}
				continue
			}
			e := compare(t, name, got, want)
			values += len(want.Data) / 4
			if e > worst {
				worst, where = e, name
			}
			if !(e <= 2e-5) {
				var index int
				_, _ = fmt.Sscanf(name, "%d.", &index)
				c := gr.cases[slices.IndexFunc(gr.cases, func(c gridCase) bool { return c.index == index })]
				t.Errorf("%s of %v: off by %.2g of the largest value", name, c.module, e)
			}
		}
	}
	t.Logf("%d cases, %d values, worst error %.2g (%s)", len(mine), values, worst, where)
}

func gomlx(t *testing.T, file *torch.StateDict, name string) *tensors.Tensor {
	t.Helper()
	value, ok := file.Get(name)
	if !ok {
		t.Fatalf("the grid lacks %s", name)
	}
	x, err := value.ToGoMLX()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func zero(data []byte) bool {
	return !slices.ContainsFunc(data, func(b byte) bool { return b != 0 && b != 0x80 })
}

// compare is the largest difference over the largest value, or over 1 where that is less.
func compare(t *testing.T, name string, got, want torch.Tensor) float64 {
	t.Helper()
	if got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) {
		t.Errorf("%s: got %v %v, want %v %v", name, got.DType, got.Shape, want.DType, want.Shape)
		return 0
	}
	if got.DType == torch.I64 {
		if !slices.Equal(got.Data, want.Data) {
			t.Errorf("%s: got %v, want %v", name, got.Data, want.Data)
		}
		return 0
	}
	g, err := got.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	w, err := want.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	largest, off := 1.0, 0.0
	for i := range w {
		largest = math.Max(largest, math.Abs(float64(w[i])))
		d := math.Abs(float64(g[i]) - float64(w[i]))
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		off = math.Max(off, d)
	}
	return off / largest
}
