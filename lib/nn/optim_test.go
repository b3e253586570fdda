package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
)

// optimCases are those of testdata/make_optim.py.
type optimCases struct {
	Optimisers []struct {
		Kind    string
		LR      float64
		Options optimOptions
		Values  [][]float64
	}
	Schedules []struct {
		Kind  string
		Rates []float64
	}
}

// optimOptions are PyTorch's, of all optimisers together.
type optimOptions struct {
	WeightDecay   float64 `json:"weight_decay"`
	AMSGrad       bool
	Maximize      bool
	Momentum      float64
	Dampening     float64
	Nesterov      bool
	Alpha         *float64
	Centered      bool
	RateDecay     float64  `json:"lr_decay"`
	Initial       float64  `json:"initial_accumulator_value"`
	MomentumDecay *float64 `json:"momentum_decay"`
	Decoupled     bool     `json:"decoupled_weight_decay"`
}

func (o optimOptions) optimiser(t *testing.T, kind string, lr float64) interface {
	Update(s *model.Scope, params []*Param, gradients []*graph.Node)
} {
	t.Helper()
	rate := Constant(lr)
	adam := NewAdam(lr)
	adam.AMSGrad, adam.Maximize = o.AMSGrad, o.Maximize
	switch kind {
	case "Adam":
		adam.WeightDecay = o.WeightDecay
		return adam
	case "AdamW":
		return AdamW{Adam: adam, Decay: o.WeightDecay}
	case "SGD":
		return SGD{rate, o.Momentum, o.Dampening, o.Nesterov, o.WeightDecay, o.Maximize}
	case "RMSprop":
		r := NewRMSprop(lr)
		if o.Alpha != nil {
			r.Alpha = *o.Alpha
		}
		r.Momentum, r.Centered, r.WeightDecay, r.Maximize = o.Momentum, o.Centered, o.WeightDecay, o.Maximize
		return r
	case "Adagrad":
		a := NewAdagrad(lr)
		a.RateDecay, a.Initial, a.WeightDecay, a.Maximize = o.RateDecay, o.Initial, o.WeightDecay, o.Maximize
		return a
	case "NAdam":
		n := NewNAdam(lr)
		if o.MomentumDecay != nil {
			n.MomentumDecay = *o.MomentumDecay
		}
		n.WeightDecay, n.Decoupled, n.Maximize = o.WeightDecay, o.Decoupled, o.Maximize
		return n
	default:
		t.Fatalf("this test knows no optimiser %s", kind)
		return nil
	}
}

func readOptim(t *testing.T) (c optimCases) {
	t.Helper()
	text, err := os.ReadFile("testdata/optim.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOptimisers compares steps of each optimiser with PyTorch's.
func TestOptimisers(t *testing.T) {
	cases := readOptim(t)
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for i, c := range cases.Optimisers {
			t.Run(fmt.Sprintf("%d %s", i, c.Kind), func(t *testing.T) {
				o := c.Options.optimiser(t, c.Kind, c.LR)
				l := Name(&struct {
					P *Param `nn:"p"`
				}{&Param{Shape: []int{3}}})
				store := model.NewStore()
				if _, err := store.RootScope().CreateVariable("p", tensors.FromValue([]float32{0.3, -0.2, 0.1})); err != nil {
					t.Fatal(err)
				}
				exec, err := model.NewExec(b, store, func(s *model.Scope, target *graph.Node) *graph.Node {
					p := l.P.Node(s, target.Graph())
					loss := graph.ReduceAllSum(graph.Add(graph.Square(graph.Square(graph.Sub(p, target))), graph.Cos(p)))
					params := Trained(l)
					o.Update(s, params, Gradients(s, loss, params))
					return l.P.Node(s, target.Graph())
				})
				if err != nil {
					t.Fatal(err)
				}
				defer exec.Finalize()
				for step, want := range c.Values {
					out, err := exec.Exec([]float32{1, -3, 0.5})
					if err != nil {
						t.Fatal(err)
					}
					for j, got := range tensors.MustCopyFlatData[float32](out[0]) {
						if !(math.Abs(float64(got)-want[j]) <= 5e-5*max(math.Abs(want[j]), 1)) { // PyTorch computed in float64
							t.Fatalf("%+v: value %d is %g after step %d, PyTorch gives %g", o, j, got, step+1, want[j])
						}
					}
				}
			})
		}
	})
}

// TestSchedulers compares the rates of each schedule with PyTorch's.
func TestSchedulers(t *testing.T) {
	const base = 0.5
	schedules := map[string]Schedule{
		"StepLR":                       StepLR(base, 7, 0.5),
		"MultiStepLR":                  MultiStepLR(base, []int{3, 11, 30}, 0.3),
		"ExponentialLR":                ExponentialLR(base, 0.9),
		"ConstantLR":                   ConstantLR(base, 0.25, 6),
		"LinearLR":                     LinearLR(base, 0.2, 0.8, 9),
		"PolynomialLR":                 PolynomialLR(base, 12, 2),
		"CosineAnnealingLR":            CosineAnnealingLR(base, 15, 0.05),
		"CosineAnnealingWarmRestarts":  CosineAnnealingWarmRestarts(base, 5, 2, 0.05),
		"CosineAnnealingWarmRestarts1": CosineAnnealingWarmRestarts(base, 7, 1, 0.1),
		"OneCycleLR":                   OneCycleLR(base, 40),
		"SequentialLR":                 SequentialLR([]Schedule{LinearLR(base, 0.1, 1, 5), CosineAnnealingLR(base, 20, 0.05), ExponentialLR(base, 0.8)}, []int{5, 25}),
	}
	cases := readOptim(t)
	numbers := make([]float32, 40)
	for i := range numbers {
		numbers[i] = float32(i + 1)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range cases.Schedules {
			for each := 1; each <= 3; each += 2 { // PyTorch's, and the same where three steps are an epoch
				s := schedules[c.Kind]
				if each > 1 {
					s = PerEpoch(each, s)
				}
				exec := graph.MustNewExec(b, func(steps *graph.Node) *graph.Node {
					var rates []*graph.Node
					for i := range numbers {
						rates = append(rates, s(graph.Reshape(graph.Slice(steps, graph.AxisElem(i)))))
					}
					return graph.Stack(rates, 0)
				})
				out, err := exec.Call(numbers)
				exec.Finalize()
				if err != nil {
					t.Fatal(err)
				}
				for i, got := range tensors.MustCopyFlatData[float32](out[0]) {
					if want := c.Rates[i/each]; !(math.Abs(float64(got)-want) <= 2e-6) {
						t.Errorf("%s, %d steps an epoch: rate %d is %g, PyTorch gives %g", c.Kind, each, i+1, got, want)
					}
				}
			}
		}
	})
}
