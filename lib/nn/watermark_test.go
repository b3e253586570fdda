package nn

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend/backendtest"
)

// traced is a case of testdata/watermark.json, see watermark.py beside it.
type traced struct {
	Key              uint64
	Share, Bias      float64
	Tokens, Previous []int32
	Logits, Favoured [][]float32
	Once, All        Trace
}

func readWatermarks(t *testing.T) []traced {
	t.Helper()
	raw, err := os.ReadFile("testdata/watermark.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []traced }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no cases")
	}
	return file.Cases
}

// Counts, z, p and logits are those of the paper's authors' program.
func TestWatermarkAsPublished(t *testing.T) {
	cases := readWatermarks(t)
	for _, c := range cases {
		w := Watermark{Key: c.Key, Share: c.Share, Bias: c.Bias}
		for want, find := range map[*Trace]func([]int32) (Trace, error){&c.Once: w.Find, &c.All: w.FindAll} {
			got, err := find(c.Tokens)
			if err != nil {
				t.Fatal(err)
			}
			if got.Scored != want.Scored || got.Green != want.Green || math.Abs(got.Z-want.Z) > 1e-12 || math.Abs(got.P-want.P) > 1e-12 {
				t.Errorf("key %d: %+v, want %+v", c.Key, got, *want)
			}
		}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		favour := graph.MustNewExec(b, Favour)
		for _, c := range cases {

			out, err := favour.Call1(Watermark{Key: c.Key}.Words(), float32(c.Share), float32(c.Bias), c.Previous, c.Logits)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range out.Value().([][]float32) {
				for k, v := range row {
					if v != c.Favoured[i][k] {
						t.Fatalf("key %d: logit %d after %d becomes %g, want %g", c.Key, k, c.Previous[i], v, c.Favoured[i][k])
					}
				}
			}
		}
	})
}

func TestWatermarkRefuses(t *testing.T) {
	for want, w := range map[string]Watermark{
		"share is 0:": {Bias: 1}, "share is 1:": {Share: 1, Bias: 1}, "share is NaN:": {Share: math.NaN(), Bias: 1}, "bias is -1:": {Share: 0.5, Bias: -1},
		"bias is +Inf:": {Share: 0.5, Bias: math.Inf(1)},
	} {
		if err := w.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", w, err, want)
		}
		if _, err := w.Find([]int32{1, 2, 3}); err == nil {
			t.Errorf("%+v is looked for", w)
		}
	}
	if _, err := (Watermark{Share: 0.5, Bias: 1}).Find([]int32{1}); err == nil || !strings.Contains(err.Error(), "fewer than 2 tokens") {
		t.Errorf("a text of one token: %v", err)
	}
}

// Keys that look for themselves in a text that knows of none find what the binomial distribution says; where pairs repeat and count each time, they
// find more.
func TestWatermarkFalseAlarms(t *testing.T) {
	text := make([]int32, 120) // 119 pairs, 79 distinct
	for i := range text {
		text[i] = int32(i * i % 83)
		if i >= 80 {
			text[i] = text[i-80]
		}
	}
	const keys, z = 20000, 2
	once, each, chance := 0.0, 0.0, 0.0
	for key := range uint64(keys) {
		w := Watermark{Key: key, Share: 0.25, Bias: 1}
		a, err := w.Find(text)
		if err != nil {
			t.Fatal(err)
		}
		b, err := w.FindAll(text)
		if err != nil {
			t.Fatal(err)
		}
		chance = w.Chance(a.Scored, z)
		if a.Z >= z {
			once += 1.0 / keys
		}
		if b.Z >= z {
			each += 1.0 / keys
		}
	}
	if math.Abs(once-chance) > 4*math.Sqrt(chance*(1-chance)/keys) {
		t.Errorf("%.4f false alarms, by chance %.4f", once, chance)
	}
	if each < 1.2*chance {
		t.Errorf("%.4f false alarms where pairs count each time: more than %.4f were meant", each, chance)
	}
}
