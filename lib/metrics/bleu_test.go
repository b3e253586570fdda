package metrics

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// testdata/translation.json comes from sacreBLEU (testdata/translation.py).
func TestBLEUAndChrFAsSacreBLEU(t *testing.T) {
	text, err := os.ReadFile("testdata/translation.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Outputs    []string
			References [][]string
			BLEU, ChrF float64
			Precisions []float64
			BP         float64
			Signatures [2]string
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for i, c := range golden.Cases {
		b, err := CorpusBLEU(c.Outputs, c.References)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(b.Score-c.BLEU) > 1e-6 || math.Abs(b.BrevityPenalty-c.BP) > 1e-9 {
			t.Errorf("case %d: BLEU %+v, sacreBLEU gives %g with penalty %g", i, b, c.BLEU, c.BP)
		}
		for n, p := range c.Precisions {
			if math.Abs(b.Precisions[n]-p) > 1e-6 {
				t.Errorf("case %d: precision of %d-grams %g, sacreBLEU gives %g", i, n+1, b.Precisions[n], p)
			}
		}
		f, err := CorpusChrF(c.Outputs, c.References)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(f-c.ChrF) > 1e-6 {
			t.Errorf("case %d: chrF %g, sacreBLEU gives %g", i, f, c.ChrF)
		}
		if n := len(c.References[0]); c.Signatures != [2]string{BLEUSignature(n), ChrFSignature(n)} {
			t.Errorf("case %d: signatures %s and %s, sacreBLEU gives %v", i, BLEUSignature(n), ChrFSignature(n), c.Signatures)
		}
	}
}

func TestReferencesAreNeeded(t *testing.T) {
	for _, c := range []struct {
		outputs    []string
		references [][]string
	}{{nil, nil}, {[]string{"a"}, nil}, {[]string{"a"}, [][]string{{}}}} {
		if _, err := CorpusBLEU(c.outputs, c.references); err == nil {
			t.Errorf("BLEU of %v against %v: want an error", c.outputs, c.references)
		}
		if _, err := CorpusChrF(c.outputs, c.references); err == nil {
			t.Errorf("chrF of %v against %v: want an error", c.outputs, c.references)
		}
	}
}
