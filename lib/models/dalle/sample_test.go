package dalle

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// small has nine codes a picture and every kind of attention.
func small() Config {
	c := Tiny()
	c.Pictures.Size, c.Pictures.Groups = 6, 2
	c.TextLength, c.Layers, c.Attention = 3, 4, "full,row,column,conv"
	c.Words = []string{"a", "blue", "red", "square"}
	return c
}

// moved is a model whose weights differ enough from 0 to be told apart.
func moved(t *testing.T, c Config) *Model {
	t.Helper()
	m, err := New(c, 3)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSampleAsNaive wants the loop with caches to draw what whole passes draw by the same random numbers.
func TestSampleAsNaive(t *testing.T) {
	m := moved(t, small())
	captions := [][]int32{{1, 3, 4}, {1, 2, 0}, {4, 0, 0}, {0, 0, 0}}
	for name, c := range map[string]SampleConfig{
		"plain":  {Seed: 5, Temperature: 0.3},
		"guided": {Seed: 5, Temperature: 0.3, Guidance: 3},
		"given":  {Seed: 5, Temperature: 0.3, Given: []int32{3, 1, 4, 1, 5, 9, 2, 6, 5}, Known: 4},
	} {
		t.Run(name, func(t *testing.T) {
			quick, err := m.Sample(t.Context(), captions, c)
			if err != nil {
				t.Fatal(err)
			}
			c.Naive = true
			naive, err := m.Sample(t.Context(), captions, c)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(quick.Codes, naive.Codes) {
				t.Errorf("draws\n%v, by whole passes\n%v", quick.Codes, naive.Codes)
			}
			if slices.Equal(quick.Codes[0], quick.Codes[1]) {
				t.Error("two pictures are the same")
			}
			for _, codes := range quick.Codes {
				if !slices.Equal(codes[:c.Known], c.Given[:c.Known]) {
					t.Errorf("draws %v, the first %d are to be those of %v", codes, c.Known, c.Given)
				}
			}
			decoded, err := m.Decode(t.Context(), quick.Codes)
			if err != nil || !alike(decoded[1], quick.Pictures[1]) {
				t.Errorf("the codes decode to other pictures, %v", err)
			}
		})
	}
}

func alike(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x-y < 1e-5 && y-x < 1e-5 })
}

// TestSampleErrors wants what draws nothing to be said.
func TestSampleErrors(t *testing.T) {
	m := moved(t, small())
	for want, call := range map[string]func() error{
		"number of captions is 0":                      func() error { return sampleError(m, nil, SampleConfig{}) },
		"caption 0 has 2 tokens: it must have 3":       func() error { return sampleError(m, [][]int32{{1, 2}}, SampleConfig{}) },
		"token 1 of caption 0 is 5: it must be 0 to 4": func() error { return sampleError(m, [][]int32{{1, 5, 0}}, SampleConfig{}) },
		"temperature is -1":                            func() error { return sampleError(m, [][]int32{{1, 0, 0}}, SampleConfig{Temperature: -1}) },
		"guidance is -1":                               func() error { return sampleError(m, [][]int32{{1, 0, 0}}, SampleConfig{Guidance: -1}) },
		"known codes are 10: they must be 0 to 9":      func() error { return sampleError(m, [][]int32{{1, 0, 0}}, SampleConfig{Known: 10}) },
		"code 0 of picture 0 is 99: it must be 0 to 11": func() error {
			return sampleError(m, [][]int32{{1, 0, 0}}, SampleConfig{Given: []int32{99, 0, 0, 0, 0, 0, 0, 0, 0}})
		},
		"picture 0 has 3 values: it must have 108": func() error {
			_, err := m.Encode(t.Context(), [][]float32{{1, 2, 3}})
			return err
		},
		"picture 0 has 1 codes: it must have 9": func() error {
			_, err := m.Decode(t.Context(), [][]int32{{1}})
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func sampleError(m *Model, captions [][]int32, c SampleConfig) error {
	_, err := m.Sample(context.Background(), captions, c)
	return err
}
