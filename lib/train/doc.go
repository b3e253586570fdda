// Package train holds what every training shares: the loop, the run directory, checkpoints, resuming, metrics and progress.
//
// A run is a directory:
//
//	config.json    the model, everything that its training depends on, and what its data is
//	metrics.jsonl  one JSON object a line: step, epoch, and what was measured
//	checkpoints/   step-N.safetensors with its step-N.safetensors.sha256
//	samples/       pictures made while training
//	live.json      with live.png: where a training in a notebook stands, for pages
//
// A model gives [Run] one graph, a step; the step does everything an iteration needs: forward pass, gradients, optimiser, metrics.
package train
