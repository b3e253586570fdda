package nn

import (
	"maps"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
)

// ForceForm makes every convolution that can take the named form take it, in tests, until it is called with "".
func ForceForm(name string) { forceForm = forms[name] }

// forms are all there are.
var forms = map[string]convForm{
	"direct":      direct{},
	"columns":     columns{},
	"s2d direct":  spaceToDepth{direct{}},
	"s2d columns": spaceToDepth{columns{}},
}

// FormNames lists them.
func FormNames() []string { return slices.Sorted(maps.Keys(forms)) }

func TestFormOfLayer(t *testing.T) {
	dcgan := ConvOptions{Stride: []int{2}, Padding: []int{1}}
	product := [3]convForm{columns{}, columns{}, columns{}}
	plain := [3]convForm{direct{}, direct{}, direct{}}
	folded := [3]convForm{spaceToDepth{columns{}}, spaceToDepth{columns{}}, spaceToDepth{columns{}}}
	cases := []struct {
		x, kernel       []int
		o               ConvOptions
		cpu, cuda, pure [3]convForm
	}{
		{[]int{2, 64, 64, 3}, []int{4, 4, 3, 64}, dcgan, convTable[0].forms, plain, folded},
		{[]int{2, 8, 8, 200}, []int{4, 4, 200, 300}, dcgan, convTable[2].forms, plain, folded},
		{[]int{2, 4, 4, 8}, []int{4, 4, 8, 1}, ConvOptions{}, product, product, product},
		{[]int{2, 4, 4, 8}, []int{1, 1, 8, 3}, ConvOptions{}, product, product, product},
		{[]int{2, 5, 5, 8}, []int{3, 3, 8, 3}, ConvOptions{}, plain, plain, product},
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range cases {
			want := c.pure
			switch backend.Name(b) {
			case "xla:cpu":
				want = c.cpu
			case "xla:cuda":
				want = c.cuda
			}
			_, err := graph.CallOnce(b, func(x, k *graph.Node) *graph.Node {
				g := newConv(x, k, c.o)
				g.in = spatial(x)
				for i := range g.in {
					g.out = append(g.out, (g.in[i]+2*g.pad[i]-g.extent(i))/g.stride[i]+1)
				}
				for p := passForward; p <= passKernel; p++ {
					if got := g.form(x.Graph(), p); got != want[p] {
						t.Errorf("kernel %v, pass %s: got %T, want %T", c.kernel, p, got, want[p])
					}
				}
				return graph.Add(graph.ReduceAllSum(x), graph.ReduceAllSum(k)) // the Go backend wants every input used
			}, filled(c.x), filled(c.kernel))
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
