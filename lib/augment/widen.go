package augment

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"genlab/lib/models/classifier"
	"genlab/lib/train"
)

// Size is the height and width of the pictures that are compared: GANs make them so.
const Size = 32

// PictureArms are the ways of widening pictures. "nothing" shows them as they come; all others show the classes equally often. "classic"
// changes each picture anew each time, "dcgan" and "stylegan" are conditional GANs that learn from the same few pictures.
var PictureArms = []string{"nothing", "oversample", "classic", "dcgan", "stylegan", "classic+dcgan", "classic+stylegan"}

// MakerOf is the maker in an arm's name: "" for none.
func MakerOf(arm string) string {
	for part := range strings.SplitSeq(arm, "+") {
		if part == "dcgan" || part == "stylegan" {
			return part
		}
	}
	return ""
}

// PictureConfig says what to compare, and by which protocol: the same for all arms.
type PictureConfig struct {
	Plan
	Classic
	GAN
	// Steps, Batch and Rate are the classifier's; every arm has as many.
	Steps int     `json:"steps" help:"steps that each classifier learns"`
	Batch int     `json:"batch" help:"pictures a step of a classifier"`
	Rate  float64 `json:"rate" help:"the classifier's learning rate at first"`
}

// DefaultPictures is a study of minutes for two cores.
func DefaultPictures() PictureConfig {
	return PictureConfig{
		Plan: Plan{Run: "runs/augment", Arms: []string{"nothing", "classic", "dcgan", "classic+dcgan"}, PerClass: []int{20}, Fill: []int{100}, Seeds: 5},
		GAN:  GAN{Steps: 1500, Batch: 32}, Classic: DefaultClassic(), Steps: 300, Batch: 32, Rate: 2e-3,
	}
}

func (c PictureConfig) validate(learn, test Pictures) error {
	for _, p := range []Pictures{learn, test} {
		if p.Size != Size || p.Channels != learn.Channels || p.Classes != learn.Classes || len(p.Pixels) == 0 {
			return fmt.Errorf("augment: there are %d pictures of %d×%d×%d, of %d classes: there must be some of %d×%d, as many channels and classes in both sets",
				len(p.Pixels), p.Size, p.Size, p.Channels, p.Classes, Size, Size)
		}
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"steps", c.Steps}, {"batch", c.Batch}, {"gan_steps", c.GAN.Steps}, {"gan_batch", c.GAN.Batch}} {
		if f.value < 1 {
			return fmt.Errorf("augment: %s is %d: it must be at least 1", f.name, f.value)
		}
	}
	return c.Classic.validate()
}

// ComparePictures trains and measures what the run hasn't yet. learn is what each seed takes its few pictures from, test what all
// classifiers are measured by.
func ComparePictures(ctx context.Context, c PictureConfig, learn, test Pictures, tell func(s Scored, before bool)) ([]Scored, error) {
	cells, err := c.cells(PictureArms, func(arm string) bool { return MakerOf(arm) != "" })
	if err != nil {
		return nil, err
	}
	if err := c.validate(learn, test); err != nil {
		return nil, err
	}
	protocol := struct {
		PictureConfig
		Learn string `json:"learn"`
		Test  string `json:"test"`
	}{c, learn.digest(), test.digest()}
	return c.study(ctx, cells, protocol, func(ctx context.Context, cell Cell) (Score, error) { return c.measure(ctx, cell, learn, test) }, tell)
}

// measure widens a seed's pictures, trains a classifier on them and measures it.
func (c PictureConfig) measure(ctx context.Context, cell Cell, learn, test Pictures) (s Score, err error) {
	seed := uint64(cell.Seed)
	few := learn.Scarce(cell.PerClass, seed)
	wide := few
	if MakerOf(cell.Arm) != "" {
		made, err := c.Make(ctx, cell, learn)
		if err != nil {
			return s, err
		}
		wide = few.with(made)
	}
	var classic *Classic
	if strings.HasPrefix(cell.Arm, "classic") {
		classic = &c.Classic
	}
	data, err := draws(wide, c.Batch, c.Steps, cell.Arm != "nothing", classic, seed)
	if err != nil {
		return s, err
	}
	run := filepath.Join(c.Run, "classifier") // of this cell alone: seconds, done anew where they were interrupted
	if err := os.RemoveAll(run); err != nil {
		return s, err
	}
	m, err := classifier.Train(ctx, classifier.TrainConfig{
		Model: classifier.Config{Size: Size, Channels: learn.Channels, Width: 8, Features: 32, Classes: learn.Classes},
		Rate:  c.Rate, Seed: seed, Options: train.Options{Run: run, Epochs: 1, Watch: func(train.Progress) {}},
	}, data)
	if err != nil {
		return s, err
	}
	probabilities, err := m.Probabilities(ctx, test.Pixels)
	if err != nil {
		return s, err
	}
	if s, err = scoreOf(probabilities, test.Labels); err != nil {
		return s, err
	}
	return s, os.RemoveAll(run)
}

// Make has the cell's maker learn from its pictures, or opens what it learned before, and gives what fills each class up.
func (c PictureConfig) Make(ctx context.Context, cell Cell, learn Pictures) (Pictures, error) {
	seed, maker := uint64(cell.Seed), MakerOf(cell.Arm)
	few := learn.Scarce(cell.PerClass, seed)
	made := few
	made.Pixels, made.Labels = nil, lacking(few.Labels, few.Classes, cell.Fill)
	if len(made.Labels) == 0 {
		return made, nil
	}
	run := filepath.Join(c.Run, fmt.Sprintf("%s-%d-%d", maker, cell.PerClass, cell.Seed))
	learnGAN := c.learnDCGAN
	if maker == "stylegan" {
		learnGAN = c.learnStyleGAN
	}
	produce, err := learnGAN(ctx, few, run, seed)
	if err != nil {
		return made, err
	}
	made.Pixels, err = produce(ctx, made.Labels, seed)
	return made, err
}
