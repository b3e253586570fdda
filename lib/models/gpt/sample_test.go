package gpt

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
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
	published, err := OpenPretrained("testdata/pretrained")
	if err != nil {
		t.Fatal(err)
	}
	all := readTransformers(t)
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, published.Config)
		if err := m.Load("testdata/pretrained"); err != nil {
			t.Fatal(err)
		}
		for penalty, want := range map[float64][][]int32{0: all.Greedy, 1.4: all.Penalty} {
			if got := sample(t, m, all.Prompts, SampleConfig{Tokens: len(want[0]), Penalty: penalty}); !reflect.DeepEqual(got, want) {
				t.Errorf("penalty %g:\n got %v\nwant %v", penalty, got, want)
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

// A token that may never be taken isn't, and nothing else changes before its place; with all of them forbidden there is nothing to take.
func TestSampleNever(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, small())
		prompt := [][]int32{{1, 2, 3}}
		for _, c := range []SampleConfig{{Tokens: 20, Penalty: 1.3}, {Tokens: 20, Temperature: 1, Seed: 3}} {
			free := sample(t, m, prompt, c)[0]
			c.Never = []int32{free[5], -1, 1000}
			got := sample(t, m, prompt, c)[0]
			first := slices.Index(free, free[5])
			if slices.Contains(got, free[5]) || !slices.Equal(got[:first], free[:first]) {
				t.Errorf("%+v: %v, which without was %v", c, got, free)
			}
		}
		var all []int32
		for id := range int32(m.Config.VocabSize) {
			all = append(all, id)
		}
		if _, err := m.Sample(t.Context(), prompt, SampleConfig{Tokens: 1, Never: all}); err == nil {
			t.Error("all tokens are forbidden, and none was missed")
		}
	})
}

// TestSampleLong wants a prompt that is read in blocks, alone and beside a shorter one, to give what all weights at once give.
func TestSampleLong(t *testing.T) {
	b, err := backend.New("xla:cpu")
	if err != nil {
		t.Skipf("%v (install it with make setup)", err)
	}
	for _, c := range []Config{small(), modern()} {
		c.Context = 320
		m := on(t, b, c)
		prompts := [][]int32{make([]int32, 300), make([]int32, 281)}
		for _, prompt := range prompts {
			for i := range prompt {
				prompt[i] = int32((7*i + 3*i*i + len(prompt)) % c.VocabSize)
			}
		}
		together := sample(t, m, prompts, SampleConfig{Tokens: 8})
		for i, prompt := range prompts {
			text := slices.Clone(prompt)
			for range 8 {
				look, err := m.Inspect(t.Context(), text)
				if err != nil {
					t.Fatal(err)
				}
				text = append(text, Best(look.Next[len(text)-1], 1)[0].Token)
			}
			if want := text[len(prompt):]; !reflect.DeepEqual(together[i], want) {
				t.Errorf("prompt %d: %v, want %v", i, together[i], want)
			}
		}
	}
}

// What is drawn by a key shows to that key alone, from the prompt's last token on, and as often as the case asks: with an enormous bias every pair is
// green, and the likeliest green token is taken.
func TestSampleWatermark(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, small())
		prompts := [][]int32{{1, 2, 3}, {4}}
		for _, c := range []SampleConfig{{Tokens: 60, Slide: true}, {Tokens: 60, Slide: true, Temperature: 1, Seed: 3}} {
			c.Watermark = nn.Watermark{Key: 5<<40 + 9, Share: 0.4, Bias: 1000}
			other := c.Watermark
			other.Key++
			for i, text := range sample(t, m, prompts, c) {
				text = append([]int32{prompts[i][len(prompts[i])-1]}, text...)
				trace, err := c.Watermark.FindAll(text)
				if err != nil {
					t.Fatal(err)
				}
				if trace.Scored != 60 || trace.Green != 60 {
					t.Errorf("temperature %g: %d of %d pairs are green", c.Temperature, trace.Green, trace.Scored)
				}
				if trace, err = other.Find(text); err != nil || trace.Green == trace.Scored {
					t.Errorf("another key finds it too: %+v, %v", trace, err)
				}
			}
		}
		_, err := m.Sample(t.Context(), prompts, SampleConfig{Tokens: 1, Watermark: nn.Watermark{Share: 2, Bias: 1}})
		if err == nil || !strings.Contains(err.Error(), "share is 2") {
			t.Errorf("a share of 2: %v", err)
		}
	})
}
