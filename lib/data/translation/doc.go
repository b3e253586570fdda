// Package translation makes and reads pairs of texts for a translator: numbers, dates and clock times in words, whose translation is
// known exactly ([Phrases]); files of pairs ([ReadTSV], [ReadParallel]); a vocabulary of byte-pair encoding ([TrainBPE]); and batches
// of texts of like lengths ([Batches]).
package translation
