package metrics

import (
	"fmt"
	"slices"
)

// BalancedAccuracy is the mean over classes of the part of each that is told right, so that a scarce class counts as much as another:
// scikit-learn's balanced_accuracy_score. classes: what is true, at least 0; those that don't occur don't count.
func BalancedAccuracy(told, classes []int) (float64, error) {
	if len(told) != len(classes) || len(told) == 0 {
		return 0, fmt.Errorf("metrics: %d classes were told of %d: there must be as many, and at least 1", len(told), len(classes))
	}
	if least := slices.Min(classes); least < 0 {
		return 0, fmt.Errorf("metrics: a class is %d: it must be at least 0", least)
	}
	right, all := make([]float64, slices.Max(classes)+1), make([]float64, slices.Max(classes)+1)
	for i, c := range classes {
		if all[c]++; told[i] == c {
			right[c]++
		}
	}
	sum, n := 0.0, 0.0
	for c := range all {
		if all[c] > 0 {
			sum, n = sum+right[c]/all[c], n+1
		}
	}
	return sum / n, nil
}

// ClassesROCAUC is the mean over classes of the area under the ROC curve of each against all others: scikit-learn's roc_auc_score with
// multi_class="ovr". probabilities: [examples, classes], classes: what is true; each must occur.
func ClassesROCAUC(probabilities [][]float32, classes []int) (float64, error) {
	if len(probabilities) != len(classes) || len(classes) == 0 {
		return 0, fmt.Errorf("metrics: there are %d classes for %d examples: there must be one for each, and at least 1", len(classes), len(probabilities))
	}
	count := len(probabilities[0])
	meant, scores, sum := make([]bool, len(classes)), make([]float64, len(classes)), 0.0
	for c := range count {
		for i, p := range probabilities {
			if len(p) != count {
				return 0, fmt.Errorf("metrics: example %d has %d probabilities: it must have %d, as the first", i, len(p), count)
			}
			meant[i], scores[i] = classes[i] == c, float64(p[c])
		}
		d, err := Detect(meant, scores)
		if err != nil {
			return 0, fmt.Errorf("%w: class %d", err, c)
		}
		sum += d.ROCAUC
	}
	return sum / float64(count), nil
}
