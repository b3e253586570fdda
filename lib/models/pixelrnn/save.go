package pixelrnn

import "genlab/lib/train/pixelwise"

// Open reads the model of a run.
func Open(run string) (*Model, error) { return pixelwise.Open[Config](id, run) }
