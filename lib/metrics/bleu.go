package metrics

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
)

// BLEU is a corpus's score with what it is made of (Papineni et al., "BLEU: a method for automatic evaluation of machine
// translation", 2002).
type BLEU struct {
	Score             float64    // 0 to 100
	Precisions        [4]float64 // of 1-grams to 4-grams, 0 to 100
	BrevityPenalty    float64
	Length, Reference int // tokens of the outputs, and of the references closest to them in length
}

// CorpusBLEU measures outputs against references, one list of them for each output. It is sacreBLEU's corpus_bleu with its defaults:
// tokenizer 13a, case kept, exponential smoothing (Post, "A call for clarity in reporting BLEU scores", 2018).
func CorpusBLEU(outputs []string, references [][]string) (BLEU, error) {
	if err := checkReferences(outputs, references); err != nil {
		return BLEU{}, err
	}
	var b BLEU
	var right, total [4]int
	for i, output := range outputs {
		tokens := tokenize13a(output)
		b.Length += len(tokens)
		closest := -1
		most := map[string]int{} // of each n-gram in a reference
		for _, reference := range references[i] {
			words := tokenize13a(reference)
			d, best := abs(len(tokens)-len(words)), abs(len(tokens)-closest)
			if closest < 0 || d < best || d == best && len(words) < closest {
				closest = len(words)
			}
			for gram, n := range wordGrams(words, 4) {
				most[gram] = max(most[gram], n)
			}
		}
		b.Reference += closest
		for gram, n := range wordGrams(tokens, 4) {
			right[strings.Count(gram, " ")] += min(n, most[gram])
		}
		for n := range total {
			total[n] += max(0, len(tokens)-n)
		}
	}
	b.BrevityPenalty = 1
	if b.Length < b.Reference {
		b.BrevityPenalty = 0
		if b.Length > 0 {
			b.BrevityPenalty = math.Exp(1 - float64(b.Reference)/float64(b.Length))
		}
	}
	smooth, logSum := 1.0, 0.0
	for n := range total {
		switch {
		case total[n] == 0:
		case right[n] == 0:
			smooth *= 2
			b.Precisions[n] = 100 / (smooth * float64(total[n]))
		default:
			b.Precisions[n] = 100 * float64(right[n]) / float64(total[n])
		}
		logSum += math.Log(b.Precisions[n])
	}
	if right == [4]int{} {
		b.Precisions = [4]float64{}
		return b, nil
	}
	b.Score = b.BrevityPenalty * math.Exp(logSum/4)
	return b, nil
}

// sacreBLEU is the version that scores are held against, which its signatures name.
const sacreBLEU = "2.6.0"

// BLEUSignature says how [CorpusBLEU] measures, as sacreBLEU says it, with n references to an output: what must be the same for two scores to be
// compared.
func BLEUSignature(n int) string {
	return fmt.Sprintf("nrefs:%d|case:mixed|eff:no|tok:13a|smooth:exp|version:%s", n, sacreBLEU)
}

func checkReferences(outputs []string, references [][]string) error {
	if len(outputs) == 0 {
		return errors.New("metrics: no output to measure")
	}
	if len(outputs) != len(references) {
		return fmt.Errorf("metrics: %d outputs and references for %d: they must be equal", len(outputs), len(references))
	}
	for i, list := range references {
		if len(list) == 0 {
			return fmt.Errorf("metrics: output %d has no reference: it must have at least one", i+1)
		}
	}
	return nil
}

// wordGrams counts the n-grams of up to longest words, each as its words with spaces between.
func wordGrams(words []string, longest int) map[string]int {
	counts := map[string]int{}
	for i := range words {
		for n := 1; n <= longest && i+n <= len(words); n++ {
			counts[strings.Join(words[i:i+n], " ")]++
		}
	}
	return counts
}

var (
	punctuation   = regexp.MustCompile("([{-~\\[-` -&(-+:-@/])")
	notNumberDot  = regexp.MustCompile(`([^0-9])([.,])`)
	dotNotNumber  = regexp.MustCompile(`([.,])([^0-9])`)
	numberAndDash = regexp.MustCompile(`([0-9])(-)`)
)

// tokenize13a cuts a line as the script mteval-v13a does.
func tokenize13a(line string) []string {
	line = strings.ReplaceAll(line, "<skipped>", "")
	line = strings.ReplaceAll(strings.ReplaceAll(line, "-\n", ""), "\n", " ")
	if strings.Contains(line, "&") {
		for _, pair := range [][2]string{{"&quot;", `"`}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}} {
			line = strings.ReplaceAll(line, pair[0], pair[1])
		}
	}
	line = punctuation.ReplaceAllString(" "+line+" ", " ${1} ")
	line = notNumberDot.ReplaceAllString(line, "${1} ${2} ")
	line = dotNotNumber.ReplaceAllString(line, " ${1} ${2}")
	line = numberAndDash.ReplaceAllString(line, "${1} ${2} ")
	return strings.Fields(line)
}

func abs(n int) int { return max(n, -n) }
