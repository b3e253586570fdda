// Package metrics measures what a model made: pictures by their features, classes by their counts, translations by BLEU and chrF.
package metrics
