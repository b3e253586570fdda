package metrics

import (
	"fmt"
	"strings"
)

const (
	chrfOrder = 6 // longest n-gram, in characters
	chrfBeta  = 2 // recall counts n times as much as precision
)

// CorpusChrF measures outputs against references, one list of them for each output, by n-grams of 1 to 6 characters without spaces,
// from 0 to 100 (Popović, "chrF: character n-gram F-score for automatic MT evaluation", 2015). It is sacreBLEU's corpus_chrf with
// its defaults, chrF2.
func CorpusChrF(outputs []string, references [][]string) (float64, error) {
	if err := checkReferences(outputs, references); err != nil {
		return 0, err
	}
	var sum chrfCounts
	for i, output := range outputs {
		best, bestScore := chrfCounts{}, -1.0
		grams := characterGrams(output)
		for _, reference := range references[i] {
			counts := matchGrams(grams, characterGrams(reference))
			if score := counts.score(); score > bestScore {
				best, bestScore = counts, score
			}
		}
		for n := range sum {
			for j := range sum[n] {
				sum[n][j] += best[n][j]
			}
		}
	}
	return sum.score(), nil
}

// ChrFSignature says how [CorpusChrF] measures, see [BLEUSignature].
func ChrFSignature(n int) string {
	return fmt.Sprintf("nrefs:%d|case:mixed|eff:yes|nc:%d|nw:0|space:no|version:%s", n, chrfOrder, sacreBLEU)
}

// chrfCounts has for each length of n-grams how many the output has, the reference has, and both have.
type chrfCounts [chrfOrder][3]int

func (c chrfCounts) score() float64 {
	var precision, recall float64
	orders := 0
	for _, n := range c {
		if n[0] > 0 && n[1] > 0 {
			precision += float64(n[2]) / float64(n[0])
			recall += float64(n[2]) / float64(n[1])
			orders++
		}
	}
	if precision+recall == 0 {
		return 0
	}
	precision, recall = precision/float64(orders), recall/float64(orders)
	return 100 * (1 + chrfBeta*chrfBeta) * precision * recall / (chrfBeta*chrfBeta*precision + recall)
}

func characterGrams(text string) [chrfOrder]map[string]int {
	characters := []rune(strings.Join(strings.Fields(text), ""))
	var grams [chrfOrder]map[string]int
	for n := range grams {
		grams[n] = map[string]int{}
		for i := 0; i+n < len(characters); i++ {
			grams[n][string(characters[i:i+n+1])]++
		}
	}
	return grams
}

func matchGrams(output, reference [chrfOrder]map[string]int) chrfCounts {
	var counts chrfCounts
	for n := range counts {
		for gram, k := range output[n] {
			counts[n][0] += k
			counts[n][2] += min(k, reference[n][gram])
		}
		for _, k := range reference[n] {
			counts[n][1] += k
		}
		if counts[n][1] == 0 {
			counts[n][0] = 0
		}
	}
	return counts
}
