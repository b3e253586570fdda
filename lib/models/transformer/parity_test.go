package transformer

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

const cases = "../../../tests/parity/cases"

// parityCase is one of PyTorch's, made by tests/parity/transformer.py.
type parityCase struct{ torchtest.Case }

func readCase(t *testing.T, name string) parityCase {
	t.Helper()
	return parityCase{torchtest.Read(t, filepath.Join(cases, name))}
}

// store holds the case's weights under the names of root, which must have just these.
func (c parityCase) store(t *testing.T, root any) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := torch.Load(store.RootScope(), root, c.Weights, false); err != nil {
		t.Fatal(err)
	}
	return store
}

// run calls fn on the inputs of the given names; a name that the case lacks gives nil.
func (c parityCase) run(t *testing.T, b compute.Backend, store *model.Store, names []string,
	fn func(s *model.Scope, in map[string]*graph.Node) []*graph.Node) []*tensors.Tensor {
	t.Helper()
	var args []any
	var given []string
	for _, name := range names {
		if value := c.Input(t, name); value != nil {
			args, given = append(args, value), append(given, name)
		}
	}
	out, err := model.CallOnceN(b, store, func(s *model.Scope, nodes []*graph.Node) []*graph.Node {
		in := map[string]*graph.Node{}
		for i, n := range nodes {
			in[given[i]] = n
		}
		return fn(s, in)
	}, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAttentionParity(t *testing.T) {
	for _, name := range []string{"attention-published-masked", "attention-published-unmasked", "attention-corrected-masked", "attention-corrected-unmasked"} {
		t.Run(name, func(t *testing.T) {
			c := readCase(t, name)
			var config AttentionConfig
			c.Configure(t, &config)
			attention, err := NewMultiHeadAttention(config)
			if err != nil {
				t.Fatal(err)
			}
			backendtest.Each(t, func(t *testing.T, b compute.Backend) {
				out := c.run(t, b, c.store(t, attention), []string{"values", "keys", "query", "mask"},
					func(s *model.Scope, in map[string]*graph.Node) []*graph.Node {
						out, _ := attention.Forward(s, in["values"], in["keys"], in["query"], in["mask"])
						return []*graph.Node{out}
					})
				c.Check(t, "out", out[0])
			})
		})
	}
}

func TestEncoderParity(t *testing.T) {
	for _, name := range []string{"encoder-published-masked", "encoder-corrected-masked", "encoder-published-one", "encoder-corrected-one"} {
		t.Run(name, func(t *testing.T) {
			c := readCase(t, name)
			var config EncoderConfig
			c.Configure(t, &config)
			encoder, err := NewEncoder(config)
			if err != nil {
				t.Fatal(err)
			}
			backendtest.Each(t, func(t *testing.T, b compute.Backend) {
				out := c.run(t, b, c.store(t, encoder), []string{"x", "mask"},
					func(s *model.Scope, in map[string]*graph.Node) []*graph.Node {
						out, _ := encoder.Forward(s, in["x"], in["mask"])
						return []*graph.Node{out}
					})
				c.Check(t, "out", out[0])
			})
		})
	}
}

func TestCoreParity(t *testing.T) {
	for _, name := range []string{"transformer-post", "transformer-pre"} {
		for _, block := range []int{0, 2} { // blocks are another way to the same numbers
			t.Run(fmt.Sprintf("%s block %d", name, block), func(t *testing.T) {
				c := readCase(t, name)
				config := CoreConfig{AttentionBlock: block}
				c.Configure(t, &config)
				core, err := NewCore(config)
				if err != nil {
					t.Fatal(err)
				}
				backendtest.Each(t, func(t *testing.T, b compute.Backend) {
					out := c.run(t, b, c.store(t, core), []string{"src", "tgt", "src_padding", "tgt_padding"},
						func(s *model.Scope, in map[string]*graph.Node) []*graph.Node {
							out, _ := core.Forward(s, in["src"], in["tgt"], graph.LogicalNot(in["src_padding"]), graph.LogicalNot(in["tgt_padding"]))
							return []*graph.Node{out}
						})
					c.Check(t, "out", out[0])
				})
			})
		}
	}
}

func TestTranslatorParity(t *testing.T) {
	for _, name := range []string{"translator-tied", "translator-learned"} {
		t.Run(name, func(t *testing.T) {
			c := readCase(t, name)
			var config Config
			c.Configure(t, &config)
			net, err := NewNet(config)
			if err != nil {
				t.Fatal(err)
			}
			backendtest.Each(t, func(t *testing.T, b compute.Backend) {
				out := c.run(t, b, c.store(t, net), []string{"src", "tgt"},
					func(s *model.Scope, in map[string]*graph.Node) []*graph.Node {
						logits, _ := net.Forward(s, in["src"], in["tgt"])
						return []*graph.Node{logits}
					})
				c.Check(t, "logits", out[0])
			})
		})
	}
}

func TestTranslatorSteps(t *testing.T) {
	for _, name := range []string{"translator-tied-steps", "translator-learned-steps"} {
		t.Run(name, func(t *testing.T) {
			c := readCase(t, name)
			var config struct {
				Config
				Smoothing float64 `json:"label_smoothing"`
				WarmUp    int
				Factor    float64
				Eps       float64
			}
			c.Configure(t, &config)
			net, err := NewNet(config.Config)
			if err != nil {
				t.Fatal(err)
			}
			backendtest.Each(t, func(t *testing.T, b compute.Backend) {
				store := c.store(t, net)
				params, adam := nn.Trained(net), Adam(WarmUp(config.DModel, config.WarmUp, config.Factor))
				adam.Eps = config.Eps
				exec, err := model.NewExec(b, store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
					logits, _ := net.Forward(s, in[0], in[1])
					loss := Loss(logits, in[2], config.Smoothing)
					grads := nn.Gradients(s, loss, params)
					adam.Update(s, params, grads)
					return append([]*graph.Node{loss}, grads...)
				})
				if err != nil {
					t.Fatal(err)
				}
				var inputs [3][][][]int64
				for i, in := range []string{"src", "tgt", "labels"} {
					tensor, _ := c.Inputs.Get(in)
					value, err := tensor.ToGoMLX()
					if err != nil {
						t.Fatal(err)
					}
					inputs[i] = value.Value().([][][]int64)
				}
				var losses []float32
				for step := range inputs[0] {
					out, err := exec.Call(inputs[0][step], inputs[1][step], inputs[2][step])
					if err != nil {
						t.Fatal(err)
					}
					losses = append(losses, tensors.ToScalar[float32](out[0]))
					for i, p := range params {
						if step == 0 {
							c.Check(t, "grad."+p.Path(), out[i+1])
						}
					}
				}
				c.Check(t, "loss", tensors.FromValue(losses))
				state, err := torch.Save(store.RootScope(), net)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range state.Names() {
					tensor, _ := state.Get(p)
					value, err := tensor.ToGoMLX()
					if err != nil {
						t.Fatal(err)
					}
					c.Check(t, "param."+p, value)
				}
			})
		})
	}
}
