package gpt

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend/backendtest"
)

// What is seen agrees with what sampling takes and with the loss that training lowers; attention looks back alone.
func TestInspect(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, modern())
		text := []int32{1, 2, 3, 1, 2}
		look, err := m.Inspect(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		best := Best(look.Next[4], 2)
		if got := sample(t, m, [][]int32{text}, SampleConfig{Tokens: 1}); !reflect.DeepEqual(got, [][]int32{{best[0].Token}}) || best[1].Value > best[0].Value {
			t.Errorf("sampled %v, the best are %v", got, best)
		}
		if len(look.Loss) != 4 || math.Abs(look.Loss[2]+math.Log(float64(look.Next[2][1]))) > 1e-6 {
			t.Errorf("losses %v", look.Loss)
		}
		if len(look.Attention) != m.Config.Layers || len(look.Attention[0]) != m.Config.Heads {
			t.Fatalf("attention of %d layers with %d heads", len(look.Attention), len(look.Attention[0]))
		}
		for _, layer := range look.Attention {
			for _, head := range layer {
				for q, row := range head {
					sum := 0.0
					for k, w := range row {
						sum += float64(w)
						if k > q && w != 0 {
							t.Errorf("position %d looks ahead to %d", q, k)
						}
					}
					if math.Abs(sum-1) > 1e-5 {
						t.Errorf("the weights of a row sum to %g", sum)
					}
				}
			}
		}
		for want, text := range map[string][]int32{"is empty": {}, "is 19: the vocabulary": {19}, "exceeds the context, 40": make([]int32, 41)} {
			if _, err := m.Inspect(t.Context(), text); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("want an error with %q, got %v", want, err)
			}
		}
	})
}

func TestNeighbours(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, small())
		list, err := m.Neighbours(t.Context(), 3, 99)
		if err != nil {
			t.Fatal(err)
		}
		v, err := m.net.Transformer.Tokens.Weight.Variable(m.run.Store.RootScope())
		if err != nil {
			t.Fatal(err)
		}
		value, err := v.Value()
		if err != nil {
			t.Fatal(err)
		}
		table := value.Value().([][]float32)
		cosine := func(a, b []float32) float64 {
			var ab, aa, bb float64
			for i := range a {
				ab, aa, bb = ab+float64(a[i]*b[i]), aa+float64(a[i]*a[i]), bb+float64(b[i]*b[i])
			}
			return ab / math.Sqrt(aa*bb)
		}
		if len(list) != 18 {
			t.Fatalf("%d neighbours of 18", len(list))
		}
		last := 1.0
		for _, n := range list {
			if want := cosine(table[3], table[n.Token]); math.Abs(n.Value-want) > 1e-5 || n.Value > last || n.Token == 3 {
				t.Errorf("token %d: %g, want %g, at most %g", n.Token, n.Value, want, last)
			}
			last = n.Value
		}
		if _, err := m.Neighbours(t.Context(), 19, 1); err == nil || !strings.Contains(err.Error(), "0 to 18") {
			t.Errorf("an unknown token: %v", err)
		}
	})
}

// A head that looks right after its token's last place scores 1, one that looks at itself 0.
func TestInduction(t *testing.T) {
	const period, length = 3, 8
	follows, itself := make([][]float32, length), make([][]float32, length)
	for q := range length {
		follows[q], itself[q] = make([]float32, length), make([]float32, length)
		follows[q][max(0, q-period+1)], itself[q][q] = 1, 1
	}
	got, err := Induction([][][][]float32{{itself, follows}}, period)
	if err != nil || !reflect.DeepEqual(got, [][]float64{{0, 1}}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := Induction([][][][]float32{{itself}}, 8); err == nil || !strings.Contains(err.Error(), "1 to 7") {
		t.Errorf("a period as long as the text: %v", err)
	}
}
