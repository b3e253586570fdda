package nnspec_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
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
	"genlab/lib/nn/nnspec"
	"genlab/lib/torch"
)

// torchCase is one of testdata/cases.safetensors.
type torchCase struct {
	ID      string
	Config  json.RawMessage
	Train   bool
	Printed string
	Tensors map[string][]any // by name: "f", "i" or "ib", then the sizes

	index  int
	values map[string]*tensors.Tensor
}

// of are the names of a kind of tensors, in order, without the prefix.
func (c *torchCase) of(prefix string) []string {
	var names []string
	for name := range c.values {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return names
}

// readCases cuts the file's values into tensors, in the order in which its JSON has them.
func readCases(t *testing.T) []*torchCase {
	t.Helper()
	path := "testdata/cases.safetensors"
	if p := os.Getenv("GENLAB_NN_CASES"); p != "" { // of another seed
		path = p
	}
	file, err := torch.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []*torchCase
	if err := json.Unmarshal([]byte(file.Metadata["cases"]), &cases); err != nil {
		t.Fatal(err)
	}
	var order []struct{ Tensors orderedKeys }
	if err := json.Unmarshal([]byte(file.Metadata["cases"]), &order); err != nil {
		t.Fatal(err)
	}
	get := func(name string) *tensors.Tensor {
		value, ok := file.Get(name)
		if !ok {
			t.Fatalf("the file has no %s", name)
		}
		x, err := value.ToGoMLX()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	floats, whole := tensors.MustCopyFlatData[float32](get("f")), tensors.MustCopyFlatData[int64](get("i"))
	for i, c := range cases {
		c.index, c.values = i, map[string]*tensors.Tensor{}
		for _, name := range order[i].Tensors {
			var dims []int
			n := 1
			for _, d := range c.Tensors[name][1:] {
				dims, n = append(dims, int(d.(float64))), n*int(d.(float64))
			}
			switch c.Tensors[name][0] {
			case "f":
				c.values[name], floats = tensors.FromFlatDataAndDimensions(floats[:n:n], dims...), floats[n:]
			case "i":
				c.values[name], whole = tensors.FromFlatDataAndDimensions(whole[:n:n], dims...), whole[n:]
			default:
				bools := make([]bool, n)
				for j := range bools {
					bools[j] = whole[j] != 0
				}
				c.values[name], whole = tensors.FromFlatDataAndDimensions(bools, dims...), whole[n:]
			}
		}
	}
	return cases
}

// orderedKeys are an object's, as they come.
type orderedKeys []string

func (k *orderedKeys) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		*k = append(*k, key.(string))
		if err := d.Decode(new(any)); err != nil {
			return err
		}
	}
	return nil
}

// TestCases compares every layer, loss and function with PyTorch: outputs, gradients, second derivatives, buffers.
func TestCases(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range readCases(t) { // a tensor belongs to the backend that first took it
			// XLA compiles for minutes; with GENLAB_FULL=1 it takes all.
			if backend.Name(b) != "go" && os.Getenv("GENLAB_FULL") == "" && c.index%24 != 0 {
				continue
			}
			t.Run(fmt.Sprintf("%d %s %s", c.index, c.ID, c.Config), func(t *testing.T) { c.run(t, b) })
		}
	})
}

func (c *torchCase) run(t *testing.T, b compute.Backend) {
	net, err := nnspec.Open(c.ID, c.Config)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	weights := &torch.StateDict{}
	for _, name := range c.of("weights.") {
		value, err := torch.FromGoMLX(c.values["weights."+name])
		if err != nil {
			t.Fatal(err)
		}
		weights.Set(name, value)
	}
	if err := torch.Load(store.RootScope(), net.Net, weights, false); err != nil {
		t.Fatal(err)
	}
	g := &given{net: net, training: c.Train, wants: c.of("expected.")}
	var args []any
	give := func(name string, x *tensors.Tensor) { g.names, args = append(g.names, name), append(args, x) }
	for _, name := range c.of("inputs.") {
		give(name, c.values["inputs."+name])
	}
	derived := slices.ContainsFunc(g.wants, func(name string) bool { return strings.Contains(name, ".") })
	for _, name := range g.wants {
		if strings.Contains(name, ".") || !derived || !c.values["expected."+name].DType().IsFloat() {
			continue
		}
		y := c.values["expected."+name].Shape()
		v := make([]float32, y.Size())
		for i := range v {
			v[i] = float32(math.Sin(float64(i + 1)))
		}
		give("cotangent."+name, tensors.FromFlatDataAndDimensions(v, y.Dimensions...))
	}
	exec, err := model.NewExec(b, store, g.graph)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*tensors.Tensor{}
	for i, name := range g.outputs {
		got[name] = out[i]
	}
	for _, name := range g.wants {
		if got[name] == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		checkClose(t, name, got[name], c.values["expected."+name])
	}
}

// checkClose allows 2e-5 of the largest value, or of 1 where that is less.
func checkClose(t *testing.T, name string, got, want *tensors.Tensor) {
	t.Helper()
	if !got.Shape().Equal(want.Shape()) {
		t.Errorf("%s is %s, PyTorch's %s", name, got.Shape(), want.Shape())
		return
	}
	if !want.DType().IsFloat() {
		if g, w := fmt.Sprint(got.Value()), fmt.Sprint(want.Value()); g != w {
			t.Errorf("%s is %s, PyTorch's %s", name, g, w)
		}
		return
	}
	g, w := tensors.MustCopyFlatData[float32](got), tensors.MustCopyFlatData[float32](want)
	largest := 1.0
	for _, v := range w {
		if !math.IsInf(float64(v), 0) && !math.IsNaN(float64(v)) {
			largest = max(largest, math.Abs(float64(v)))
		}
	}
	for i := range w {
		same := g[i] == w[i] || g[i] != g[i] && w[i] != w[i]
		if !same && !(math.Abs(float64(g[i])-float64(w[i])) <= 2e-5*largest) {
			t.Errorf("%s[%d] is %g, PyTorch gives %g, the largest being %g", name, i, g[i], w[i], largest)
			return
		}
	}
}

// TestPrinted compares the lines that layers print with PyTorch 2.9's, whose norms say nothing of a bias.
func TestPrinted(t *testing.T) {
	bias := regexp.MustCompile(`, bias=(True|False)`)
	for _, c := range readCases(t) {
		net, err := nnspec.Open(c.ID, c.Config)
		if err != nil || c.Printed == "" || strings.Contains(c.ID, "utils.") || strings.HasPrefix(c.ID, "genlab.") ||
			strings.Contains(c.Printed, "padding=valid") { // which is no padding here
			continue
		}
		if _, ok := net.Net.(fmt.Stringer); !ok {
			continue
		}
		got := torch.Sprint(net.Net)
		if strings.Contains(c.Printed, "Norm") {
			got, c.Printed = bias.ReplaceAllString(got, ""), bias.ReplaceAllString(c.Printed, "")
		}
		if got != c.Printed {
			t.Errorf("got  %s\nwant %s", got, c.Printed)
		}
	}
}

// TestRefusals holds that what isn't there is refused by its name.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ id, config, want string }{
		{"torch.nn.Nothing", `{}`, "torch.nn.Nothing"},
		{"torch.nn.Conv2d", `{"in_channels": 1, "out_channels": 1, "kernel_size": 3, "device": "cuda"}`, "there is no device here: it takes in_channels"},
		{"torch.nn.MaxPool2d", `{"kernel_size": 2, "return_indices": true}`, "return_indices"},
		{"torch.nn.Conv1d", `{"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": "full"}`, `padding is "full"`},
		{"torch.nn.GroupNorm", `{"num_groups": 2, "num_channels": 3}`, "3 channels don't fall into 2 groups"},
		{"torch.nn.Softmax", `{}`, "dim isn't given"},
		{"torch.nn.MultiheadAttention", `{"embed_dim": 4, "num_heads": 3, "batch_first": true}`, "Heads 3"},
	} {
		if _, err := nnspec.Open(c.id, []byte(c.config)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %s: want an error that says %q, got %v", c.id, c.config, c.want, err)
		}
	}
}

// inFile puts a parameter, or its gradient, as a file has it.
func inFile(p *nn.Param, x *graph.Node) *graph.Node {
	if p.Perm == nil {
		return x
	}
	return graph.TransposeAllAxes(x, p.Perm...)
}
