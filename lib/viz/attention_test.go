package viz

import (
	"math"
	"strings"
	"testing"
)

// made is attention with a pattern for each head: to itself, to the one before, to all alike.
func made(layers int) AttentionMap {
	words := []string{"двадцать", "один", "дом", "</s>"}
	m := AttentionMap{Name: "encoder", Queries: words, Keys: words}
	for range layers {
		var layer [][][]float32
		for h := range 3 {
			head := make([][]float32, len(words))
			for q := range head {
				head[q] = make([]float32, len(words))
				for k := range head[q] {
					switch {
					case h == 2:
						head[q][k] = 0.25
					case k == max(q-h, 0):
						head[q][k] = 1
					}
				}
			}
			layer = append(layer, head)
		}
		m.Weights = append(m.Weights, layer)
	}
	return m
}

func TestAttentionPictures(t *testing.T) {
	golden(t, "attention_heads", made(1).Heads(0))
	golden(t, "attention_overview", made(2).Overview())
}

func TestAttentionHTML(t *testing.T) {
	m := made(2)
	m.Keys = []string{"</script>", "a", "b", "c"}
	html, err := AttentionHTML(m, made(1))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(html, "</script>"); n != 1 {
		t.Errorf("%d ends of scripts: a token must not end one", n)
	}
	for _, bad := range []string{"http://", "https://", "ATTENTION_", "getElementById"} {
		if strings.Contains(strings.ReplaceAll(html, "http://www.w3.org/2000/svg", ""), bad) {
			t.Errorf("%q stands in the page", bad)
		}
	}
}

func TestAttentionRefusals(t *testing.T) {
	short := made(1)
	short.Keys = short.Keys[:2]
	headless, ragged, long, nan := made(2), made(1), made(1), made(1)
	headless.Weights[1] = nil
	ragged.Weights[0][1][2] = nil
	long.Weights[0][2][3] = make([]float32, 50)
	nan.Weights[0][0][1][3] = float32(math.NaN())
	for want, m := range map[string]AttentionMap{
		"without a layer":              {},
		"query 1 has 4 weights for 2":  short,
		"layer 2 has 0 heads":          headless,
		"query 3 has 0 weights for 4":  ragged,
		"query 4 has 50 weights for 4": long,
		"the weight of key 4 is NaN":   nan,
	} {
		_, err := AttentionHTML(m)
		for _, err := range []error{Err(m.Heads(0)), Err(m.Overview()), err} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	}
	if Err(made(1).Heads(1)) == nil {
		t.Error("a layer that isn't there is drawn")
	}
	if _, err := AttentionHTML(); err == nil {
		t.Error("nothing is shown")
	}
}
