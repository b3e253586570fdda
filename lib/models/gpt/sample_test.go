package gpt

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

// on makes a model with fresh, loud weights on a backend.
func on(t *testing.T, b compute.Backend, c Config) *Model {
	t.Helper()
	net, err := NewNet(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range nn.Trained(net) {
		if len(p.Shape) == 2 {
			p.Init = nn.NormalInit(0, 0.3)
		}
	}
	m := &Model{Config: c, net: net, run: nn.NewRunner(id, b)}
	if err := nn.Create(m.run.Store.RootScope(), net, 7); err != nil {
		t.Fatal(err)
	}
	return m
}

func small() Config {
	c := Tiny(19)
	c.Layers, c.Embed, c.Context, c.Bias = 2, 16, 40, true
	return c
}

func modern() Config {
	c := small()
	c.Heads, c.KVHeads, c.Positions, c.Norm, c.MLP = 4, 2, Rotary, RMSNorm, SwiGLU
	return c
}

func sample(t *testing.T, m *Model, prompts [][]int32, c SampleConfig) [][]int32 {
	t.Helper()
	out, err := m.Sample(t.Context(), prompts, c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Greedy sampling, and that with a penalty, are what transformers' generate gives.
func TestSampleAsTransformers(t *testing.T) {
	c := torchtest.Read(t, "../../../tests/parity/cases/gpt2-generate")
	var config Config
	c.Configure(t, &config)
	texts := func(sd *torch.StateDict, name string) [][]int32 {
		raw, _ := sd.Get(name)
		value, err := raw.ToGoMLX()
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]int32
		for _, row := range value.Value().([][]int64) {
			var r []int32
			for _, v := range row {
				r = append(r, int32(v))
			}
			rows = append(rows, r)
		}
		return rows
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, config)
		if err := torch.Load(m.run.Store.RootScope(), m.net, c.Weights, false); err != nil {
			t.Fatal(err)
		}
		for name, penalty := range map[string]float64{"greedy": 0, "penalty": 1.4} {
			got := sample(t, m, texts(c.Inputs, "x"), SampleConfig{Tokens: 20, Penalty: penalty})
			if want := texts(c.Expected, name); !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\n got %v\nwant %v", name, got, want)
			}
		}
	})
}

// With and without a cache, alone and beside texts of other lengths, whole and in pieces: the same texts.
func TestSampleTheSame(t *testing.T) {
	prompts := [][]int32{{1, 2, 3}, {4}, {5, 6, 7, 8, 9, 10, 11, 12, 13}}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for name, c := range map[string]Config{"gpt2": small(), "modern": modern()} {
			if name == "gpt2" && b.Name() != "go" {
				continue // compiling takes seconds, and the pure-Go backend has seen it
			}
			m := on(t, b, c)
			for _, cfg := range []SampleConfig{
				{Tokens: 21},
				{Tokens: 21, Temperature: 0.9, TopK: 7, TopP: 0.8, Penalty: 1.2, Seed: 3, Stop: []int32{2, 11}},
			} {
				if cfg.Temperature == 0 && b.Name() != "go" {
					continue
				}
				want := sample(t, m, prompts, cfg)
				slow := cfg
				slow.NoCache = true
				if got := sample(t, m, prompts, slow); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: without a cache %v, with one %v", name, got, want)
				}
				pieces := make([][]int32, len(prompts))
				stream := cfg
				stream.ChunkTokens = 5
				stream.Stream = func(tokens [][]int32) error {
					for i, p := range tokens {
						pieces[i] = append(pieces[i], p...)
					}
					return nil
				}
				if got := sample(t, m, prompts, stream); !reflect.DeepEqual(got, want) || !reflect.DeepEqual(pieces, want) {
					t.Errorf("%s: in pieces %v and %v, whole %v", name, got, pieces, want)
				}
				if cfg.Temperature == 0 {
					if got := sample(t, m, prompts[1:], cfg); !reflect.DeepEqual(got, want[1:]) {
						t.Errorf("%s: two %v, of three %v", name, got, want[1:])
					}
				} else {
					for _, text := range want {
						if i := slices.IndexFunc(text, func(v int32) bool { return v == 2 || v == 11 }); i >= 0 && i != len(text)-1 {
							t.Errorf("%s: %v goes on after a stop", name, text)
						}
					}
					other := cfg
					other.Seed = 4
					if reflect.DeepEqual(sample(t, m, prompts, other), want) {
						t.Errorf("%s: another seed gives the same texts", name)
					}
				}
			}
		}
	})
}

// A text longer than the context goes on from its second half.
func TestSampleSlides(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, small()) // context 40
		got := sample(t, m, [][]int32{{1, 2, 3}}, SampleConfig{Tokens: 70, Slide: true})[0]
		text := []int32{1, 2, 3}
		for from, n := 0, 37; len(text) < 73; n = min(20, 73-len(text)) {
			if len(text) > 3 {
				from = len(text) - 20
			}
			text = append(text, sample(t, m, [][]int32{text[from:]}, SampleConfig{Tokens: n})[0]...)
		}
		if !slices.Equal(got, text[3:]) {
			t.Errorf("got %v, want %v", got, text[3:])
		}
	})
}

func TestTopKTopP(t *testing.T) {
	p := [][]float32{{0.1, 0.4, 0.2, 0.25, 0.05}, {0, 0, 1, 0, 0}, {0.2, 0.2, 0.2, 0.2, 0.2}}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		k, share := graph.MustNewExec(b, topK), graph.MustNewExec(b, topP)
		for _, c := range []struct {
			k, p float32
			want [][]float32
		}{
			{k: 1, want: [][]float32{{0, 0.4, 0, 0, 0}, p[1], p[2]}},
			{k: 3, want: [][]float32{{0, 0.4, 0.2, 0.25, 0}, p[1], p[2]}},
			{k: 9, want: p},
			{p: 0.39, want: [][]float32{{0, 0.4, 0, 0, 0}, p[1], p[2]}},
			{p: 0.5, want: [][]float32{{0, 0.4, 0, 0.25, 0}, p[1], p[2]}},
			{p: 0.9, want: [][]float32{{0.1, 0.4, 0.2, 0.25, 0}, p[1], p[2]}},
		} {
			out, err := k.Call1(p, c.k)
			if c.p > 0 {
				out, err = share.Call1(p, c.p)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := out.Value().([][]float32); !reflect.DeepEqual(got, c.want) {
				t.Errorf("k %g, p %g: got %v, want %v", c.k, c.p, got, c.want)
			}
		}
	})
}

// Tokens are drawn as often as their probability says.
func TestDraw(t *testing.T) {
	const n = 20000
	p := []float32{0.5, 0, 0.3, 0.2}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnce(b, func(key, p *graph.Node) *graph.Node {
			return draw(key, graph.BroadcastToDims(graph.InsertAxes(p, 0), n, 4))
		}, []uint32{1, 2}, p)
		if err != nil {
			t.Fatal(err)
		}
		var counts [4]float32
		for _, v := range tensors.MustCopyFlatData[int32](out) {
			counts[v]++
		}
		for i, c := range counts {
			if d := c/n - p[i]; d > 0.015 || d < -0.015 || p[i] == 0 && c > 0 {
				t.Errorf("token %d of probability %g was drawn %g of the times", i, p[i], c/n)
			}
		}
	})
}

func TestSampleRefuses(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, small())
		long := make([]int32, 41)
		for _, c := range []struct {
			prompts [][]int32
			cfg     SampleConfig
			want    string
		}{
			{nil, SampleConfig{Tokens: 1}, "number of prompts"},
			{[][]int32{{}}, SampleConfig{Tokens: 1}, "prompt 0 is empty"},
			{[][]int32{{1}, {2, 19}}, SampleConfig{Tokens: 1}, "token 1 of prompt 1 is 19: the vocabulary has 0 to 18"},
			{[][]int32{long}, SampleConfig{Tokens: 1}, "exceed the context, 40"},
			{[][]int32{{1}}, SampleConfig{}, "tokens is 0"},
			{[][]int32{{1}}, SampleConfig{Tokens: 1, TopP: 1.5}, "top p is 1.5"},
			{[][]int32{{1}}, SampleConfig{Tokens: 1, Temperature: -1}, "temperature is -1"},
		} {
			_, err := m.Sample(t.Context(), c.prompts, c.cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want an error with %q, got %v", c.want, err)
			}
		}
		stop := errors.New("enough")
		_, err := m.Sample(t.Context(), [][]int32{{1}}, SampleConfig{Tokens: 20, Stream: func([][]int32) error { return stop }})
		if !errors.Is(err, stop) {
			t.Errorf("the stream's error becomes %v", fmt.Sprint(err))
		}
	})
}

func TestPenalize(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnce(b, penalize, [][]float32{{2, -2, 1, -1}}, [][]bool{{true, true, false, false}}, float32(4))
		if err != nil {
			t.Fatal(err)
		}
		if want := [][]float32{{0.5, -8, 1, -1}}; !reflect.DeepEqual(out.Value(), want) {
			t.Errorf("got %v, want %v", out.Value(), want)
		}
	})
}
