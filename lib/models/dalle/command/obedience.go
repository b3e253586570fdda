package command

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/scenes"
	"genlab/lib/models/dalle"
)

// measuring is what `measure obedience` takes.
type measuring struct {
	Run         string  `flag:"run" help:"the run's directory"`
	Number      int     `flag:"number" short:"n" help:"captions of each split; each is drawn in both languages"`
	Seed        uint64  `flag:"seed" help:"the same seed gives the same captions and pictures"`
	Temperature float64 `flag:"temperature" help:"1 draws from the model's own distribution, less draws likelier pictures"`
	Guidance    float64 `flag:"guidance" help:"1 leaves the model's distribution; more obeys the caption more and varies less"`
	Choosing
	Worst int `flag:"worst" help:"how many disobeyed captions to name"`
}

// splits are what captions are measured by.
var splits = []struct {
	split scenes.Split
	name  string
}{{scenes.Training, "seen"}, {scenes.HeldOut, "held-out captions"}, {scenes.Combination, "held-out combinations"}}

func newMeasure() *cobra.Command {
	c := measuring{Run: dalle.Recipe().Run, Number: 200, Seed: 1, Temperature: 1, Guidance: 1, Choosing: Choosing{BestOf: 1}, Worst: 20}
	cmd := &cobra.Command{
		Use:   "obedience",
		Short: "Measure how many pictures show all that their captions say",
		Long: `Measure how many pictures of a DALL-E that was trained on made scenes show all that their captions say, and nothing else: a program reads
each picture back. Held-out captions stand in no training; held-out combinations have a colour and a shape that never stand together in one.
"decoded" is the share of true pictures that still obey once they were turned to codes and back: no transformer can do better.`,
		Example: "  genlab measure obedience --run runs/dalle --guidance 2",
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := dalle.Open(c.Run)
		if err != nil {
			return err
		}
		if m.Config.Pictures.Size%32 != 0 || c.Number < 1 {
			return fmt.Errorf("--run has pictures of %d pixels and --number is %d: they must be scenes, of a multiple of 32, and at least 1", m.Config.Pictures.Size, c.Number)
		}
		best, err := c.open()
		if err != nil {
			return err
		}
		var worst []string
		for _, s := range splits {
			t, err := c.table(cmd.Context(), m, best, s.split)
			if err != nil {
				return err
			}
			cmd.Printf("%-22s decoded %s\n", s.name, &t.decoded)
			for _, l := range scenes.Languages {
				cmd.Printf("  %s  all %s", l, t.all[l])
				for _, k := range scenes.Kinds {
					cmd.Printf("  %s %s", k, t.kinds[l][k])
				}
				cmd.Println()
			}
			worst = append(worst, t.disobeyed...)
		}
		for _, text := range worst[:min(c.Worst, len(worst))] {
			cmd.Printf("not shown: %s\n", text)
		}
		return nil
	}
	return cmd
}

// share counts what is so.
type share struct{ so, all int }

func (s *share) add(so bool) {
	if s.all++; so {
		s.so++
	}
}

// String is the share in percent, "-" of nothing.
func (s *share) String() string {
	if s == nil || s.all == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(s.so)/float64(s.all))
}

// table is how far a split is obeyed.
type table struct {
	decoded   share
	all       [2]*share // of each language
	kinds     [2]map[string]*share
	disobeyed []string
}

// piece is how many pictures are drawn at once.
const piece = 100

func (c measuring) table(ctx context.Context, m *dalle.Model, best *chooser, split scenes.Split) (*table, error) {
	size := m.Config.Pictures.Size
	rng := rand.New(rand.NewPCG(c.Seed, uint64(split)))
	list := make([]scenes.Scene, c.Number)
	truth := make([][]float32, c.Number)
	for i := range list {
		list[i] = scenes.Random(rng, split)
		truth[i] = scenes.Draw(list[i].Place(rng, size), size)
	}
	codes, err := m.Encode(ctx, truth)
	if err != nil {
		return nil, err
	}
	decoded, err := m.Decode(ctx, codes)
	if err != nil {
		return nil, err
	}
	t := &table{}
	for i, s := range list {
		t.decoded.add(s.Obeyed(decoded[i], size))
	}
	for _, l := range scenes.Languages {
		t.all[l], t.kinds[l] = &share{}, map[string]*share{}
		for _, k := range scenes.Kinds {
			t.kinds[l][k] = &share{}
		}
		pictures, err := c.draw(ctx, m, best, list, l)
		if err != nil {
			return nil, err
		}
		for i, s := range list {
			so := s.Obeyed(pictures[i], size)
			t.all[l].add(so)
			t.kinds[l][s.Kind()].add(so)
			if !so {
				t.disobeyed = append(t.disobeyed, s.Caption(l))
			}
		}
	}
	return t, nil
}

// draw gives a picture of each scene, the first or the best.
func (c measuring) draw(ctx context.Context, m *dalle.Model, best *chooser, list []scenes.Scene, l scenes.Language) ([][]float32, error) {
	var all [][]float32
	each := max(min(piece, len(list))/c.BestOf, 1)
	for from := 0; from < len(list); from += each {
		some := list[from:min(from+each, len(list))]
		texts := make([]string, each) // always as many, so that one compiled graph serves all
		for i := range texts {
			texts[i] = some[min(i, len(some)-1)].Caption(l)
		}
		drawn, err := draw(ctx, m, texts, c.BestOf, dalle.SampleConfig{Seed: c.Seed + uint64(from), Temperature: c.Temperature, Guidance: c.Guidance})
		if err != nil {
			return nil, err
		}
		for i := range some {
			ofOne, first := drawn.Pictures[i*c.BestOf:(i+1)*c.BestOf], 0
			if c.BestOf > 1 {
				places, err := best.rank(ctx, ofOne, texts[i])
				if err != nil {
					return nil, err
				}
				first = places[0]
			}
			all = append(all, ofOne[first])
		}
	}
	return all, nil
}
