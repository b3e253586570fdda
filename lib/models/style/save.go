package style

import (
	"regexp"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	return train.Open(run, id, func(c TrainConfig) (map[string]any, error) {
		net, err := NewNet(c.Model)
		return map[string]any{netScope: net}, err
	},
		func(c TrainConfig) (*Model, error) { return New(c.Model, c.Seed) },
		func(m *Model) *nn.Runner { return m.run })
}

// unused are the running statistics that files before PyTorch 0.4 have of norms that keep none.
var unused = regexp.MustCompile(`in\d+\.running_(mean|var)$`)

// OpenPublished reads a file of PyTorch's example, such as its mosaic.pth, or one that [Model]'s Save wrote of a network of any widths.
func OpenPublished(path string) (*Model, error) {
	all, err := torch.Read(path)
	if err != nil {
		return nil, err
	}
	state, blocks, config := &torch.StateDict{}, map[string]bool{}, Default()
	for _, name := range all.Names() {
		if unused.MatchString(name) {
			continue
		}
		t, _ := all.Get(name)
		state.Set(name, t)
		if found := blockName.FindString(name); found != "" {
			blocks[found] = true
		}
		for i, conv := range []string{"conv1.conv2d.bias", "conv2.conv2d.bias", "conv3.conv2d.bias"} {
			if name == conv && len(t.Shape) == 1 {
				config.Widths[i] = t.Shape[0]
			}
		}
	}
	config.Blocks = len(blocks)
	m, err := New(config, 1)
	if err != nil {
		return nil, err
	}
	_, err = m.LoadStateDict(state, false)
	return m, err
}

var blockName = regexp.MustCompile(`^res\d+\.`)
